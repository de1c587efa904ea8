import type { Payment } from './payment.js';

/** A Checkout session as the provider holds it now, in our terms. */
export interface CheckoutSession {
  id: string;
  url: string | null;
  /** `open`, `complete`, `expired`; other values may appear and mean "look again later". */
  status: string;
  /** `paid`, `unpaid`, `no_payment_required`. */
  paymentStatus: string;
  mode: string;
  amountMinor: bigint | null;
  currency: string | null;
  livemode: boolean;
  paymentId: string | null;
  userId: string | null;
  intentId: string | null;
  intentStatus: string | null;
}

/** A signed message from the provider. Only its ids are believed: the object is fetched again. */
export interface ProviderEvent {
  id: string;
  type: string;
  createdAt: Date;
  objectId: string;
  /** Our payment, where the object names it. */
  paymentId: string | null;
  intentId: string | null;
  payload: object;
}

/** Money on its way back to the payer, as the provider holds it now. */
export interface ProviderRefund {
  id: string;
  /** `pending`, `requires_action`, `succeeded`, `failed`, `canceled`; other values may appear. */
  status: string;
  amountMinor: bigint;
  /** Our refund, when we asked for it. */
  refundId: string | null;
  failure: string | null;
}

/** A payer's bank wants the money back. */
export interface ProviderDispute {
  id: string;
  intentId: string | null;
  /** `warning_*`, `needs_response`, `under_review`, `won`, `lost`; other values may appear. */
  status: string;
  amountMinor: bigint;
  reason: string;
  openedAt: Date;
}

/** A line in the provider's own books. */
export interface ProviderMoneyLine {
  id: string;
  kind: 'charge' | 'refund' | 'refund_failure' | 'dispute' | 'dispute_reversal' | 'other';
  /** The charge, refund or dispute. */
  sourceId: string;
  intentId: string | null;
  /** Our payment, where the source names it. */
  paymentId: string | null;
  /** What the account gained, in the currency the payer was charged in, whatever it settles in; fees not counted. */
  amountMinor: bigint;
  currency: string;
  createdAt: Date;
}

/** Limits of one charge in a currency, in minor units. */
export interface ChargeLimits {
  minimum: bigint;
  maximum: bigint;
}

/** Whoever captures the money. Every method throws UnavailableError when the provider cannot be reached in time. */
export abstract class PaymentProvider {
  /** Whether it moves real money. What it says of test money counts for nothing then, and the other way round. */
  abstract readonly livemode: boolean;
  /** Currency codes that may be charged, best first. */
  abstract chargeable(): Promise<readonly string[]>;
  abstract limits(currency: string): ChargeLimits;
  /** The same payment gets the same session, however often it is asked for. */
  abstract createSession(payment: Payment): Promise<CheckoutSession>;
  abstract getSession(sessionId: string): Promise<CheckoutSession>;
  /** Ends a session that can still be paid; returns it as it is afterwards, ended or paid meanwhile. */
  abstract expireSession(sessionId: string): Promise<CheckoutSession>;
  /** The same refund id gives the money back once. Throws OrderRefusedError when the provider will not. */
  abstract createRefund(order: {
    refundId: string;
    paymentId: string;
    intentId: string;
    amountMinor: bigint;
  }): Promise<ProviderRefund>;
  abstract refundsOf(intentId: string): Promise<ProviderRefund[]>;
  abstract getDispute(disputeId: string): Promise<ProviderDispute>;
  /** The provider's books from a moment up to another, oldest first. */
  abstract moneyLines(from: Date, to: Date): Promise<ProviderMoneyLine[]>;
  /** Messages since a moment that could not be delivered to us, oldest first. */
  abstract undeliveredEvents(since: Date): Promise<ProviderEvent[]>;
  /** Throws WebhookRefusedError when the signature, its age or the mode is wrong. */
  abstract readEvent(body: Buffer, signature: string | undefined, now: Date): ProviderEvent;
}
