import { Injectable } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { requestContext } from '#libs/telemetry';

/** One act worth remembering. Never put secrets or addresses, of mail or network, into `before` and `after`: nobody can take them out again. */
export interface AuditEntry {
  /** null: a command on the server, or the service by itself. */
  actorId: string | null;
  /** `<noun>.<past verb>` */
  action: string;
  /** The user it was done to. */
  subjectId: string | null;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
}

@Injectable()
export class AuditService {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Writes an entry in the ambient transaction, with the id of the current request. */
  async record(entry: AuditEntry): Promise<void> {
    await this.unitOfWork.manager.query(
      `INSERT INTO audit_entries (id, actor_id, action, subject_id, before, after, request_id) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [
        uuidv7(),
        entry.actorId,
        entry.action,
        entry.subjectId,
        entry.before ? JSON.stringify(entry.before) : null,
        entry.after ? JSON.stringify(entry.after) : null,
        requestContext.requestId() ?? null,
      ],
    );
  }

  /** Writes down whose data an administrator is about to be shown, each user once; when it fails nothing may be shown. */
  async viewed(actorId: string, action: `${string}.viewed`, userIds: readonly string[]): Promise<void> {
    const shown = [...new Set(userIds)];
    if (shown.length === 0) return;
    await this.unitOfWork.manager.query(
      `INSERT INTO audit_entries (id, actor_id, action, subject_id, request_id)
       SELECT id, $3, $4, subject_id, $5 FROM unnest($1::uuid[], $2::uuid[]) AS shown (id, subject_id)`,
      [shown.map(() => uuidv7()), shown, actorId, action, requestContext.requestId() ?? null],
    );
  }
}
