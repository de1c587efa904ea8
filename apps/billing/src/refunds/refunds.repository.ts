import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { standing, type TakenColumns, type TakenInAll } from '../payments/take-back.service.js';

/** States of a refund. */
export type RefundStatus = 'requested' | 'pending' | 'succeeded' | 'failed';

/** A refund as stored; amounts in the payment's currency. */
export interface Refund {
  id: string;
  paymentId: string;
  amountMinor: bigint;
  status: RefundStatus;
  reason: string;
  requestedBy: string;
  providerId: string | null;
  /** What stands as taken for it. */
  taken: TakenInAll;
  /** What gave everything back that had been taken before. */
  returnedTransaction: string | null;
  failure: string | null;
  createdAt: Date;
}

interface RefundRow extends TakenColumns {
  id: string;
  payment_id: string;
  amount_minor: string;
  status: RefundStatus;
  reason: string;
  requested_by: string;
  provider_id: string | null;
  failure: string | null;
  created_at: Date;
}

/** A refund that is written for the first time. */
export interface NewRefund {
  id: string;
  paymentId: string;
  amountMinor: bigint;
  status: RefundStatus;
  reason: string;
  requestedBy: string;
  clientKey: string | null;
  providerId: string | null;
}

/** What changes. */
export type RefundChange = Partial<Pick<Refund, 'status' | 'providerId' | 'returnedTransaction' | 'failure'>>;

@Injectable()
export class RefundsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Undefined when the key or the provider's id is there already. */
  async insert(refund: NewRefund): Promise<Refund | undefined> {
    const rows = await this.unitOfWork.manager.query<RefundRow[]>(
      `INSERT INTO refunds (id, payment_id, amount_minor, status, reason, requested_by, client_key, provider_id, next_check_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + interval '10 s') ON CONFLICT DO NOTHING RETURNING *`,
      [
        refund.id,
        refund.paymentId,
        String(refund.amountMinor),
        refund.status,
        refund.reason,
        refund.requestedBy,
        refund.clientKey,
        refund.providerId,
      ],
    );
    return rows[0] && toRefund(rows[0]);
  }

  async find(id: string): Promise<Refund | undefined> {
    return (await this.many('WHERE id = $1', [id]))[0];
  }

  async findByKey(paymentId: string, requestedBy: string, clientKey: string): Promise<Refund | undefined> {
    const condition = 'WHERE payment_id = $1 AND requested_by = $2 AND client_key = $3';
    return (await this.many(condition, [paymentId, requestedBy, clientKey]))[0];
  }

  async ofPayment(paymentId: string): Promise<Refund[]> {
    return this.many('WHERE payment_id = $1 ORDER BY created_at, id', [paymentId]);
  }

  /** What has gone back or is on its way, of all that the provider has ever told of a payment. */
  async refundedMinor(paymentId: string): Promise<bigint> {
    const [row] = await this.unitOfWork.manager.query<{ refunded: string }[]>(
      `SELECT coalesce(sum(amount_minor), 0) AS refunded FROM refunds
        WHERE payment_id = $1 AND provider_id IS NOT NULL AND status <> 'failed'`,
      [paymentId],
    );
    return BigInt(row!.refunded);
  }

  async change(id: string, change: RefundChange): Promise<void> {
    await this.unitOfWork.manager.query(
      `UPDATE refunds
          SET status = coalesce($2, status), provider_id = coalesce($3, provider_id),
              returned_transaction = coalesce($4, returned_transaction), failure = coalesce($5, failure), updated_at = now(),
              next_check_at = CASE WHEN coalesce($2, status) IN ('requested', 'pending') THEN next_check_at END
        WHERE id = $1`,
      [
        id,
        change.status ?? null,
        change.providerId ?? null,
        change.returnedTransaction ?? null,
        change.failure ?? null,
      ],
    );
  }

  async setTaken(id: string, { transactionIds: [first, ...further], takenMinor }: TakenInAll): Promise<void> {
    await this.unitOfWork.manager.query(
      'UPDATE refunds SET taken_transaction = $2, further_takings = $3, taken_minor = $4, updated_at = now() WHERE id = $1',
      [id, first, further, String(takenMinor)],
    );
  }

  /** Takes undecided refunds that are due for a look: after 10 s, 1 min, 10 min, then hourly. */
  async claimDue(limit: number): Promise<Refund[]> {
    const [rows] = await this.unitOfWork.manager.query<[RefundRow[], number]>(
      `UPDATE refunds SET attempts = attempts + 1,
              next_check_at = now() + (ARRAY['1 min', '10 min', '1 hour']::interval[])[least(attempts + 1, 3)]
        WHERE id IN (SELECT id FROM refunds WHERE next_check_at <= now() ORDER BY next_check_at LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING *`,
      [limit],
    );
    return rows.map(toRefund);
  }

  /** Payments for what had been paid already, whose refund this one has not asked for yet under this key. */
  async paidTwice(requestedBy: string, clientKey: string, limit: number): Promise<string[]> {
    const rows = await this.unitOfWork.manager.query<{ id: string }[]>(
      `SELECT p.id FROM payments p
        WHERE p.refund_due = 'paid_twice' AND p.disputed_minor = 0 AND greatest(p.refund_requested_minor, p.refunded_minor) < p.amount_minor
          AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.payment_id = p.id AND r.requested_by = $1 AND r.client_key = $2)
        ORDER BY p.id LIMIT $3`,
      [requestedBy, clientKey, limit],
    );
    return rows.map(({ id }) => id);
  }

  private async many(condition: string, parameters: unknown[]): Promise<Refund[]> {
    const rows = await this.unitOfWork.manager.query<RefundRow[]>(`SELECT * FROM refunds ${condition}`, parameters);
    return rows.map(toRefund);
  }
}

function toRefund(row: RefundRow): Refund {
  return {
    id: row.id,
    paymentId: row.payment_id,
    amountMinor: BigInt(row.amount_minor),
    status: row.status,
    reason: row.reason,
    requestedBy: row.requested_by,
    providerId: row.provider_id,
    taken: standing(row),
    returnedTransaction: row.returned_transaction,
    failure: row.failure,
    createdAt: row.created_at,
  };
}
