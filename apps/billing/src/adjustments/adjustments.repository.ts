import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';

/** An adjustment as stored; positive amounts are given to the user, negative ones taken. */
export interface Adjustment {
  id: string;
  userId: string;
  currency: string;
  amountMinor: bigint;
  reason: string;
  status: 'waiting' | 'posted' | 'rejected';
  requestedBy: string;
  requestedAt: Date;
  needsApproval: boolean;
  decidedBy: string | null;
  transactionId: string | null;
}

interface AdjustmentRow {
  id: string;
  user_id: string;
  currency: string;
  amount_minor: string;
  reason: string;
  status: 'waiting' | 'posted' | 'rejected';
  requested_by: string;
  requested_at: Date;
  needs_approval: boolean;
  decided_by: string | null;
  transaction_id: string | null;
}

/** What is asked for. */
export type NewAdjustment = Pick<
  Adjustment,
  'id' | 'userId' | 'currency' | 'amountMinor' | 'reason' | 'requestedBy' | 'needsApproval'
> & { clientKey: string };

@Injectable()
export class AdjustmentsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Undefined when the key was used. */
  async insert(adjustment: NewAdjustment): Promise<Adjustment | undefined> {
    const rows = await this.unitOfWork.manager.query<AdjustmentRow[]>(
      `INSERT INTO adjustments (id, user_id, currency, amount_minor, reason, status, requested_by, client_key, needs_approval)
       VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7, $8) ON CONFLICT ON CONSTRAINT uq_adjustments_key DO NOTHING RETURNING *`,
      [
        adjustment.id,
        adjustment.userId,
        adjustment.currency,
        String(adjustment.amountMinor),
        adjustment.reason,
        adjustment.requestedBy,
        adjustment.clientKey,
        adjustment.needsApproval,
      ],
    );
    return rows[0] && toAdjustment(rows[0]);
  }

  async findByKey(requestedBy: string, clientKey: string): Promise<Adjustment | undefined> {
    const [row] = await this.unitOfWork.manager.query<AdjustmentRow[]>(
      'SELECT * FROM adjustments WHERE requested_by = $1 AND client_key = $2',
      [requestedBy, clientKey],
    );
    return row && toAdjustment(row);
  }

  /** Whoever asks for the same administrator waits until the ambient transaction ends. */
  async lockRequester(requestedBy: string): Promise<void> {
    const { manager } = this.unitOfWork.requireTransaction();
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('adjustments of ' || $1, 0))`, [requestedBy]);
  }

  /** By currency, what an administrator has given and taken within 24 hours without anybody else's approval, added up. */
  async doneAlone(requestedBy: string): Promise<Pick<Adjustment, 'currency' | 'amountMinor'>[]> {
    const rows = await this.unitOfWork.manager.query<{ currency: string; total: string }[]>(
      `SELECT currency, sum(abs(amount_minor)) AS total FROM adjustments
        WHERE requested_by = $1 AND NOT needs_approval AND requested_at > now() - interval '24 hours' GROUP BY currency`,
      [requestedBy],
    );
    return rows.map(({ currency, total }) => ({ currency, amountMinor: BigInt(total) }));
  }

  /** An adjustment that waits for a decision, locked until the ambient transaction ends. */
  async lockWaiting(id: string): Promise<Adjustment | undefined> {
    const { manager } = this.unitOfWork.requireTransaction();
    const [row] = await manager.query<AdjustmentRow[]>(
      `SELECT * FROM adjustments WHERE id = $1 AND status = 'waiting' FOR UPDATE`,
      [id],
    );
    return row && toAdjustment(row);
  }

  async decide(
    id: string,
    decision: { status: 'posted' | 'rejected'; decidedBy: string | null; transactionId: string | null },
  ): Promise<Adjustment> {
    const [rows] = await this.unitOfWork.manager.query<[AdjustmentRow[], number]>(
      `UPDATE adjustments SET status = $2, decided_by = $3, transaction_id = $4, decided_at = now() WHERE id = $1 RETURNING *`,
      [id, decision.status, decision.decidedBy, decision.transactionId],
    );
    return toAdjustment(rows[0]!);
  }

  /** The newest first. */
  async list(status: string | undefined, limit: number): Promise<Adjustment[]> {
    const rows = await this.unitOfWork.manager.query<AdjustmentRow[]>(
      'SELECT * FROM adjustments WHERE $1::text IS NULL OR status = $1 ORDER BY id DESC LIMIT $2',
      [status ?? null, limit],
    );
    return rows.map(toAdjustment);
  }
}

function toAdjustment(row: AdjustmentRow): Adjustment {
  return {
    id: row.id,
    userId: row.user_id,
    currency: row.currency,
    amountMinor: BigInt(row.amount_minor),
    reason: row.reason,
    status: row.status,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at,
    needsApproval: row.needs_approval,
    decidedBy: row.decided_by,
    transactionId: row.transaction_id,
  };
}
