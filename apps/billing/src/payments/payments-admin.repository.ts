import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import type { Payment, PaymentStatus } from './payment.js';
import { type PaymentRow, toPayment } from './payment.row.js';

/** Which payments are wanted. */
export interface PaymentSearch {
  status?: PaymentStatus | undefined;
  userId?: string | undefined;
  /** The provider's session or intent. */
  providerId?: string | undefined;
  /** Only those a person has to give back: marked so, and not given back in full yet. */
  refundDue?: boolean | undefined;
  /** Payments older than this one. */
  before?: string | undefined;
  limit: number;
}

/** Something that happened to a payment. */
export interface TimelineItem {
  at: Date;
  what: string;
  actor: string;
  details: object;
}

/** A message of the provider as it was kept. */
export interface KeptEvent {
  id: string;
  type: string;
  objectId: string;
  receivedAt: Date;
  status: string;
  attempts: number;
  lastError: string | null;
}

interface EventRow {
  id: string;
  type: string;
  object_id: string;
  received_at: Date;
  status: string;
  attempts: number;
  last_error: string | null;
}

/** Reads for administrators. */
@Injectable()
export class PaymentsAdminRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Newest first; ids of version 7 sort by time. */
  async search({ status, userId, providerId, refundDue, before, limit }: PaymentSearch): Promise<Payment[]> {
    const rows = await this.unitOfWork.manager.query<PaymentRow[]>(
      `SELECT * FROM payments
        WHERE ($1::text IS NULL OR status = $1) AND ($2::uuid IS NULL OR user_id = $2)
          AND ($3::text IS NULL OR session_id = $3 OR intent_id = $3) AND ($4::uuid IS NULL OR id < $4)
          AND (NOT $6::boolean OR (refund_due IS NOT NULL AND taken_minor < amount_minor))
        ORDER BY id DESC LIMIT $5`,
      [status ?? null, userId ?? null, providerId ?? null, before ?? null, limit, refundDue ?? false],
    );
    return rows.map(toPayment);
  }

  /** What happened to a payment, and what the provider told about it, oldest first. */
  async timeline(payment: Payment): Promise<TimelineItem[]> {
    return this.unitOfWork.manager.query<TimelineItem[]>(
      `SELECT at, what, actor, details FROM payment_timeline WHERE payment_id = $1
       UNION ALL
       SELECT received_at, 'provider: ' || type, 'provider', jsonb_build_object('event', id, 'status', status, 'attempts', attempts)
         FROM provider_events
        WHERE object_id = $2 OR payload ->> 'intentId' = $3 OR payload ->> 'paymentId' = $1::text
       ORDER BY 1`,
      [payment.id, payment.sessionId ?? '', payment.intentId ?? ''],
    );
  }

  /** Messages that could not be worked off, the oldest first. */
  async deadEvents(limit: number): Promise<KeptEvent[]> {
    const rows = await this.unitOfWork.manager.query<EventRow[]>(
      `SELECT id, type, object_id, received_at, status, attempts, last_error FROM provider_events
        WHERE status = 'dead' ORDER BY received_at LIMIT $1`,
      [limit],
    );
    return rows.map((row) => ({
      id: row.id,
      type: row.type,
      objectId: row.object_id,
      receivedAt: row.received_at,
      status: row.status,
      attempts: row.attempts,
      lastError: row.last_error,
    }));
  }

  /** Gives a dead message all its tries again; false when it is not dead. */
  async revive(id: string): Promise<boolean> {
    const [, count] = await this.unitOfWork.manager.query<[unknown[], number]>(
      `UPDATE provider_events SET status = 'received', attempts = 0, next_attempt_at = now() WHERE id = $1 AND status = 'dead'`,
      [id],
    );
    return count > 0;
  }
}
