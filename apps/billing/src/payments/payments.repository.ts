import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { MAY_BECOME, type Payment, type PaymentStatus, type RefundDue, UNDECIDED } from './payment.js';
import { type PaymentRow, toPayment } from './payment.row.js';

/** What is known when a payment is first written. */
export type NewPayment = Pick<
  Payment,
  | 'id'
  | 'userId'
  | 'purpose'
  | 'amountMinor'
  | 'currency'
  | 'description'
  | 'snapshot'
  | 'clientKey'
  | 'intentKey'
  | 'returnPath'
  | 'expiresAt'
  | 'sessionExpiresAt'
>;

/** What changes together with the status. */
export interface Move {
  sessionId?: string;
  sessionUrl?: string | null;
  intentId?: string | null;
  transactionId?: string;
  reviewReason?: string;
  paidAt?: Date;
}

@Injectable()
export class PaymentsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Undefined when the client's key or the intent is taken. */
  async insert(payment: NewPayment): Promise<Payment | undefined> {
    const rows = await this.unitOfWork.manager.query<PaymentRow[]>(
      `INSERT INTO payments (id, user_id, purpose, amount_minor, currency, description, snapshot, client_key, intent_key, return_path,
         expires_at, session_expires_at, next_check_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
         least($11::timestamptz + interval '1 second', now() + interval '1 minute'))
       ON CONFLICT DO NOTHING RETURNING *`,
      [
        payment.id,
        payment.userId,
        payment.purpose,
        String(payment.amountMinor),
        payment.currency,
        payment.description,
        JSON.stringify(payment.snapshot),
        payment.clientKey,
        payment.intentKey,
        payment.returnPath,
        payment.expiresAt,
        payment.sessionExpiresAt,
      ],
    );
    return rows[0] && toPayment(rows[0]);
  }

  async find(id: string): Promise<Payment | undefined> {
    return this.one('WHERE id = $1', [id]);
  }

  async findByClientKey(userId: string, purpose: string, clientKey: string): Promise<Payment | undefined> {
    return this.one('WHERE user_id = $1 AND purpose = $2 AND client_key = $3', [userId, purpose, clientKey]);
  }

  async findByIntentKey(userId: string, intentKey: string): Promise<Payment | undefined> {
    return this.one('WHERE user_id = $1 AND intent_key = $2 AND status = ANY($3)', [userId, intentKey, UNDECIDED]);
  }

  async findBySession(sessionId: string): Promise<Payment | undefined> {
    return this.one('WHERE session_id = $1', [sessionId]);
  }

  async findByIntent(intentId: string): Promise<Payment | undefined> {
    return this.one('WHERE intent_id = $1', [intentId]);
  }

  /** The row, locked until the ambient transaction ends. */
  async lock(id: string): Promise<Payment | undefined> {
    this.unitOfWork.requireTransaction();
    return this.one('WHERE id = $1 FOR UPDATE', [id]);
  }

  /** Whether a plan was paid for by another payment while this one could be paid as well; what goes back for that reason does not count. */
  async paidMeanwhile({ id, userId, purpose, createdAt }: Payment, planId: string): Promise<boolean> {
    const rows = await this.unitOfWork.manager.query<unknown[]>(
      `SELECT 1 FROM payments
        WHERE user_id = $1 AND purpose = $2 AND id <> $3 AND status = 'succeeded' AND settled_at > $4
          AND snapshot ->> 'planId' = $5 AND refund_due IS DISTINCT FROM 'paid_twice' LIMIT 1`,
      [userId, purpose, id, createdAt, planId],
    );
    return rows.length > 0;
  }

  /** Changes the status if the present one allows it; undefined when it does not, because somebody was faster. */
  async move(id: string, status: PaymentStatus, move: Move = {}): Promise<Payment | undefined> {
    const [rows] = await this.unitOfWork.manager.query<[PaymentRow[], number]>(
      `UPDATE payments
          SET status = $2, updated_at = now(),
              session_id = coalesce($4, session_id), session_url = coalesce($5, session_url), intent_id = coalesce($6, intent_id),
              transaction_id = coalesce($7, transaction_id), review_reason = coalesce($8, review_reason),
              paid_at = coalesce($9, paid_at),
              settled_at = CASE WHEN $2 = 'succeeded' THEN clock_timestamp() ELSE settled_at END,
              next_check_at = CASE WHEN $2 = ANY($10) THEN next_check_at END
        WHERE id = $1 AND status = ANY($3) RETURNING *`,
      [
        id,
        status,
        MAY_BECOME[status],
        move.sessionId ?? null,
        move.sessionUrl ?? null,
        move.intentId ?? null,
        move.transactionId ?? null,
        move.reviewReason ?? null,
        move.paidAt ?? null,
        UNDECIDED,
      ],
    );
    return rows[0] && toPayment(rows[0]);
  }

  /**
   * Takes the payments that are due for a look and sets when the next one is: after 1 min, 5 min, 1 h, then daily, and at the end of the
   * offer. When that did not end it, after 10 s and then each time as long as it has been over, at most a day: until then it can be paid.
   */
  async claimDue(limit: number): Promise<Payment[]> {
    const [rows] = await this.unitOfWork.manager.query<[PaymentRow[], number]>(
      `UPDATE payments
          SET attempts = attempts + 1,
              next_check_at = CASE
                WHEN expires_at > now() THEN least(expires_at + interval '1 second', now() + (ARRAY['1 min', '5 min', '1 hour', '1 day']::interval[])[least(attempts + 1, 4)])
                ELSE now() + least(greatest(now() - expires_at, interval '10 seconds'), interval '1 day') END
        WHERE id IN (SELECT id FROM payments WHERE next_check_at <= now() ORDER BY next_check_at LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING *`,
      [limit],
    );
    return rows.map(toPayment);
  }

  /** Adds to (or with negative amounts takes from) what has been taken back; the table refuses more than was paid. */
  async addTaken(id: string, takenMinor: bigint, clawedMinor: bigint): Promise<void> {
    await this.unitOfWork.manager.query(
      'UPDATE payments SET taken_minor = taken_minor + $2, clawed_minor = clawed_minor + $3, updated_at = now() WHERE id = $1',
      [id, String(takenMinor), String(clawedMinor)],
    );
  }

  /** Keeps room under the ceiling for a refund of ours, or gives it back with a negative amount. Call with the row locked. */
  async reserveRefund(id: string, amountMinor: bigint): Promise<void> {
    await this.unitOfWork.manager.query(
      'UPDATE payments SET refund_requested_minor = refund_requested_minor + $2, updated_at = now() WHERE id = $1',
      [id, String(amountMinor)],
    );
  }

  /** Writes down what the provider says has been refunded or is in dispute. */
  async recordFacts(id: string, facts: { refundedMinor?: bigint; disputedMinor?: bigint }): Promise<void> {
    await this.unitOfWork.manager.query(
      `UPDATE payments SET refunded_minor = coalesce($2, refunded_minor), disputed_minor = coalesce($3, disputed_minor),
              updated_at = now() WHERE id = $1`,
      [id, facts.refundedMinor?.toString() ?? null, facts.disputedMinor?.toString() ?? null],
    );
  }

  /** Marks a payment as to be given back; null takes the mark away. False when it is so already. */
  async setRefundDue(id: string, due: RefundDue | null): Promise<boolean> {
    const [, count] = await this.unitOfWork.manager.query<[unknown[], number]>(
      'UPDATE payments SET refund_due = $2, updated_at = now() WHERE id = $1 AND refund_due IS DISTINCT FROM $2',
      [id, due],
    );
    return count > 0;
  }

  /** Writes into the payment's history; details are JSON only and hold no secrets. */
  async note(id: string, what: string, actor: string, details: object = {}): Promise<void> {
    await this.unitOfWork.manager.query(
      'INSERT INTO payment_timeline (payment_id, what, actor, details) VALUES ($1, $2, $3, $4)',
      [id, what, actor, JSON.stringify(details)],
    );
  }

  private async one(condition: string, parameters: unknown[]): Promise<Payment | undefined> {
    const [row] = await this.unitOfWork.manager.query<PaymentRow[]>(`SELECT * FROM payments ${condition}`, parameters);
    return row && toPayment(row);
  }
}
