import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { standing, type TakenColumns, type TakenInAll } from '../payments/take-back.service.js';

/** Ours for the provider's many words. */
export type DisputeState = 'warning' | 'open' | 'won' | 'lost';

/** A dispute as stored; amounts in the payment's currency. */
export interface Dispute {
  id: string;
  paymentId: string;
  amountMinor: bigint;
  providerStatus: string;
  state: DisputeState;
  reason: string;
  holdId: string | null;
  /** What stands as taken for it. */
  taken: TakenInAll;
  /** What gave everything back that had been taken before. */
  returnedTransaction: string | null;
  openedAt: Date;
}

interface DisputeRow extends TakenColumns {
  id: string;
  payment_id: string;
  amount_minor: string;
  provider_status: string;
  state: DisputeState;
  reason: string;
  hold_id: string | null;
  opened_at: Date;
}

/** What the provider says. */
export type DisputeFacts = Pick<
  Dispute,
  'id' | 'paymentId' | 'amountMinor' | 'providerStatus' | 'state' | 'reason' | 'openedAt'
>;

/** Words of the provider after which nothing is awaited any more. */
const FINAL = ['won', 'lost', 'warning_closed', 'prevented'];

@Injectable()
export class DisputesRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /**
   * Writes down what the provider says and returns the row as it is then. A decided dispute never becomes undecided again, nor
   * an open one a warning: such an answer was given before and overtaken on the way. What is not final is due for a look a day later.
   */
  async record(facts: DisputeFacts): Promise<Dispute> {
    const [row] = await this.unitOfWork.manager.query<DisputeRow[]>(
      `INSERT INTO disputes AS d (id, payment_id, amount_minor, provider_status, state, reason, opened_at, next_check_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $4 = ANY($8) THEN NULL ELSE now() + interval '1 day' END)
       ON CONFLICT ON CONSTRAINT pk_disputes DO UPDATE
         SET amount_minor = excluded.amount_minor, provider_status = excluded.provider_status, state = excluded.state, updated_at = now(),
             next_check_at = excluded.next_check_at
         WHERE d.state = 'warning' OR excluded.state IN ('won', 'lost') OR d.state = excluded.state
       RETURNING *`,
      [
        facts.id,
        facts.paymentId,
        String(facts.amountMinor),
        facts.providerStatus,
        facts.state,
        facts.reason,
        facts.openedAt,
        FINAL,
      ],
    );
    return row ? toDispute(row) : (await this.find(facts.id))!;
  }

  async find(id: string): Promise<Dispute | undefined> {
    const [row] = await this.unitOfWork.manager.query<DisputeRow[]>('SELECT * FROM disputes WHERE id = $1', [id]);
    return row && toDispute(row);
  }

  /** Takes the ids of disputes that are due for a look; where it fails, the next is an hour later. */
  async claimDue(limit: number): Promise<string[]> {
    const [rows] = await this.unitOfWork.manager.query<[{ id: string }[], number]>(
      `UPDATE disputes SET next_check_at = now() + interval '1 hour'
        WHERE id IN (SELECT id FROM disputes WHERE next_check_at <= now() ORDER BY next_check_at LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING id`,
      [limit],
    );
    return rows.map(({ id }) => id);
  }

  async setHold(id: string, holdId: string | null): Promise<void> {
    await this.unitOfWork.manager.query('UPDATE disputes SET hold_id = $2 WHERE id = $1', [id, holdId]);
  }

  async setTaken(id: string, { transactionIds: [first, ...further], takenMinor }: TakenInAll): Promise<void> {
    await this.unitOfWork.manager.query(
      `UPDATE disputes SET taken_transaction = $2, further_takings = $3, taken_minor = $4, returned_transaction = NULL WHERE id = $1`,
      [id, first, further, String(takenMinor)],
    );
  }

  async setReturned(id: string, transactionId: string): Promise<void> {
    await this.unitOfWork.manager.query('UPDATE disputes SET returned_transaction = $2 WHERE id = $1', [
      id,
      transactionId,
    ]);
  }

  /** What of a payment is in dispute and not decided, or lost before it was credited: neither may be credited or refunded. */
  async outstandingMinor(paymentId: string): Promise<bigint> {
    const [row] = await this.unitOfWork.manager.query<{ outstanding: string }[]>(
      `SELECT coalesce(sum(amount_minor), 0) AS outstanding FROM disputes
        WHERE payment_id = $1 AND (state = 'open' OR (state = 'lost' AND taken_transaction IS NULL))`,
      [paymentId],
    );
    return BigInt(row!.outstanding);
  }

  async ofPayment(paymentId: string): Promise<Dispute[]> {
    const rows = await this.unitOfWork.manager.query<DisputeRow[]>(
      'SELECT * FROM disputes WHERE payment_id = $1 ORDER BY opened_at',
      [paymentId],
    );
    return rows.map(toDispute);
  }
}

function toDispute(row: DisputeRow): Dispute {
  return {
    id: row.id,
    paymentId: row.payment_id,
    amountMinor: BigInt(row.amount_minor),
    providerStatus: row.provider_status,
    state: row.state,
    reason: row.reason,
    holdId: row.hold_id,
    taken: standing(row),
    returnedTransaction: row.returned_transaction,
    openedAt: row.opened_at,
  };
}
