import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';

/** An act as it lies in the table. */
export interface AuditRow {
  /** A number, growing with time. */
  id: string;
  at: Date;
  actor: string;
  action: string;
  subjectType: string;
  subjectId: string;
  reason: string | null;
  details: Record<string, unknown>;
}

/** Which acts to read. */
export interface AuditFilter {
  actor?: string | undefined;
  subjectId?: string | undefined;
  /** Id of the last act of the page before. */
  before?: string | undefined;
  limit: number;
}

/** Reads the audit log. */
@Injectable()
export class AuditRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** A page, newest first. */
  async page({ actor, subjectId, before, limit }: AuditFilter): Promise<AuditRow[]> {
    return this.unitOfWork.manager.query<AuditRow[]>(
      `SELECT id, at, actor, action, subject_type AS "subjectType", subject_id AS "subjectId", reason, details
         FROM audit_log
        WHERE ($1::text IS NULL OR actor = $1) AND ($2::text IS NULL OR subject_id = $2) AND ($3::bigint IS NULL OR id < $3)
        ORDER BY id DESC LIMIT $4`,
      [actor ?? null, subjectId ?? null, before ?? null, limit],
    );
  }
}
