import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';

/** An entry as it lies in the table. */
export interface AuditRow {
  id: string;
  at: Date;
  actorId: string | null;
  action: string;
  subjectId: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  requestId: string | null;
}

/** Which entries to read. */
export interface AuditFilter {
  subjectId?: string | undefined;
  actorId?: string | undefined;
  /** Id of the last entry of the page before. */
  after?: string | undefined;
  limit: number;
}

@Injectable()
export class AuditRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** A page, newest first: ids are made of time. */
  async page(filter: AuditFilter): Promise<AuditRow[]> {
    return this.unitOfWork.manager.query<AuditRow[]>(
      `SELECT id, at, actor_id AS "actorId", action, subject_id AS "subjectId", before, after, request_id AS "requestId"
         FROM audit_entries
        WHERE ($1::uuid IS NULL OR subject_id = $1) AND ($2::uuid IS NULL OR actor_id = $2) AND ($3::uuid IS NULL OR id < $3)
        ORDER BY id DESC LIMIT $4`,
      [filter.subjectId ?? null, filter.actorId ?? null, filter.after ?? null, filter.limit],
    );
  }
}
