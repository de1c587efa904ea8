import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';

/** An act of an administrator. */
export interface Act {
  /** The administrator's user id. */
  actor: string;
  /** `refund.requested`, `rates.accepted`. */
  action: string;
  subject: { type: string; id: string };
  reason?: string | undefined;
  /** Facts, JSON only. Never secrets. */
  details?: object;
}

@Injectable()
export class AuditService {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Writes an act down in the ambient transaction, so that neither happens without the other. */
  async record({ actor, action, subject, reason, details }: Act): Promise<void> {
    const { manager } = this.unitOfWork.requireTransaction();
    await manager.query(
      'INSERT INTO audit_log (actor, action, subject_type, subject_id, reason, details) VALUES ($1, $2, $3, $4, $5, $6)',
      [actor, action, subject.type, subject.id, reason ?? null, JSON.stringify(details ?? {})],
    );
  }

  /** Writes down whose data an administrator is about to be shown, each user once. Throws UnavailableError, and then nothing may be shown. */
  async viewed(
    actor: string,
    action: `${string}.viewed`,
    userIds: readonly string[],
    details: object = {},
  ): Promise<void> {
    if (userIds.length === 0) return;
    await this.unitOfWork.run(async () => {
      await this.unitOfWork.manager.query(
        `INSERT INTO audit_log (actor, action, subject_type, subject_id, details)
         SELECT $1, $2, 'user', id, $4 FROM unnest($3::text[]) AS id`,
        [actor, action, [...new Set(userIds)], JSON.stringify(details)],
      );
    });
  }
}
