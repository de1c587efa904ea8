import type { Payment, PaymentPurpose, PaymentSnapshot, PaymentStatus, RefundDue } from './payment.js';

/** A row of `payments` as the driver returns it. */
export interface PaymentRow {
  id: string;
  user_id: string;
  purpose: PaymentPurpose;
  status: PaymentStatus;
  amount_minor: string;
  currency: string;
  description: string;
  snapshot: PaymentSnapshot;
  client_key: string;
  intent_key: string | null;
  return_path: string;
  expires_at: Date;
  session_expires_at: Date;
  session_id: string | null;
  session_url: string | null;
  intent_id: string | null;
  transaction_id: string | null;
  review_reason: string | null;
  refund_due: RefundDue | null;
  attempts: number;
  refund_requested_minor: string;
  refunded_minor: string;
  disputed_minor: string;
  taken_minor: string;
  clawed_minor: string;
  created_at: Date;
  settled_at: Date | null;
}

export function toPayment(row: PaymentRow): Payment {
  return {
    id: row.id,
    userId: row.user_id,
    purpose: row.purpose,
    status: row.status,
    amountMinor: BigInt(row.amount_minor),
    currency: row.currency,
    description: row.description,
    snapshot: row.snapshot,
    clientKey: row.client_key,
    intentKey: row.intent_key,
    returnPath: row.return_path,
    expiresAt: row.expires_at,
    sessionExpiresAt: row.session_expires_at,
    sessionId: row.session_id,
    sessionUrl: row.session_url,
    intentId: row.intent_id,
    transactionId: row.transaction_id,
    reviewReason: row.review_reason,
    refundDue: row.refund_due,
    attempts: row.attempts,
    refundRequestedMinor: BigInt(row.refund_requested_minor),
    refundedMinor: BigInt(row.refunded_minor),
    disputedMinor: BigInt(row.disputed_minor),
    takenMinor: BigInt(row.taken_minor),
    clawedMinor: BigInt(row.clawed_minor),
    createdAt: row.created_at,
    settledAt: row.settled_at,
  };
}
