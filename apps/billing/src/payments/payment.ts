/** What a payment is for; each purpose has one fulfilment. */
export const PAYMENT_PURPOSES = ['top_up', 'subscription'] as const;

/** One of the purposes. */
export type PaymentPurpose = (typeof PAYMENT_PURPOSES)[number];

/**
 * created: our row is there, the provider may not know of it yet. session_open: the user may pay. processing: the user acted, the
 * money is not here yet. succeeded, failed, expired: final. needs_review: money and order do not match, a person decides.
 */
export const PAYMENT_STATUSES = [
  'created',
  'session_open',
  'processing',
  'succeeded',
  'failed',
  'expired',
  'needs_review',
] as const;

/** One of the states. */
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

/** States in which the provider may still have news. */
export const UNDECIDED: readonly PaymentStatus[] = ['created', 'session_open', 'processing'];

/** States a payment may be in before it takes each state; late money counts even for one we gave up. */
export const MAY_BECOME: Record<PaymentStatus, readonly PaymentStatus[]> = {
  created: [],
  session_open: ['created'],
  processing: ['created', 'session_open'],
  succeeded: ['created', 'session_open', 'processing', 'failed', 'expired', 'needs_review'],
  failed: ['created', 'session_open', 'processing'],
  expired: ['created', 'session_open', 'processing'],
  needs_review: ['created', 'session_open', 'processing', 'failed', 'expired'],
};

/** The terms as they were sold; JSON only. */
export type PaymentSnapshot = Record<string, string | number | boolean | null | object>;

/** Why money that arrived is to go back: what its owner may not have, or what was paid for already. */
export type RefundDue = 'blocked' | 'deleted' | 'paid_twice';

/** A payment as stored; amounts in minor units of `currency`, the currency the provider charges. */
export interface Payment {
  id: string;
  userId: string;
  purpose: PaymentPurpose;
  status: PaymentStatus;
  amountMinor: bigint;
  currency: string;
  description: string;
  snapshot: PaymentSnapshot;
  clientKey: string;
  /** What the user means to buy; at most one undecided payment exists for it. */
  intentKey: string | null;
  returnPath: string;
  /** When the offer ends; the session is ended then. */
  expiresAt: Date;
  /** The end told to the provider: later than the offer's by more than its own minimum, so that it takes the session while the offer holds. */
  sessionExpiresAt: Date;
  sessionId: string | null;
  sessionUrl: string | null;
  intentId: string | null;
  transactionId: string | null;
  reviewReason: string | null;
  /**
   * The user was blocked or deleted when the money came: a person gives it back, or decides that it stays. Paid twice: it goes back by
   * itself, and a person sees to it when that fails.
   */
  refundDue: RefundDue | null;
  attempts: number;
  refundRequestedMinor: bigint;
  refundedMinor: bigint;
  disputedMinor: bigint;
  takenMinor: bigint;
  clawedMinor: bigint;
  createdAt: Date;
  settledAt: Date | null;
}

/** What a feature asks for when it sells something through Checkout. */
export interface CheckoutRequest {
  userId: string;
  purpose: PaymentPurpose;
  amountMinor: bigint;
  currency: string;
  /** The line the buyer reads on the provider's page. */
  description: string;
  /** Everything the fulfilment will need; prices are taken from here, never from the client or from a catalogue that may have changed. */
  snapshot: PaymentSnapshot;
  /** Half an hour from now by default. */
  expiresAt?: Date;
  /** The client's Idempotency-Key: one payment per user, purpose and key. */
  idempotencyKey: string;
  /** A second request for the same thing while the first can still be paid gets the same session: `quote:<id>`, `plan:<id>:EUR`. */
  intentKey?: string;
  /** Where the browser comes back to; `{id}` stands for the payment's id. `/payments/{id}/return` by default. */
  returnPath?: string;
  /** Runs in the transaction that writes the payment row, once per row: to reserve what is sold. What it throws refuses the checkout. */
  onCreated?: (paymentId: string) => Promise<void>;
}

/** Where to send the browser. */
export interface CheckoutStarted {
  paymentId: string;
  checkoutUrl: string;
  status: PaymentStatus;
  expiresAt: Date;
}
