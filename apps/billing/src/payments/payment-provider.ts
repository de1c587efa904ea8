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

/** Limits of one charge in a currency, in minor units. */
export interface ChargeLimits {
  minimum: bigint;
  maximum: bigint;
}

/** Whoever captures the money. Every method throws UnavailableError when the provider cannot be reached in time. */
export abstract class PaymentProvider {
  /** Currency codes that may be charged, best first. */
  abstract chargeable(): Promise<readonly string[]>;
  abstract limits(currency: string): ChargeLimits;
  /** The same payment gets the same session, however often it is asked for. */
  abstract createSession(payment: Payment): Promise<CheckoutSession>;
  abstract getSession(sessionId: string): Promise<CheckoutSession>;
  /** Ends a session that can still be paid; returns it as it is afterwards, ended or paid meanwhile. */
  abstract expireSession(sessionId: string): Promise<CheckoutSession>;
  /** Throws WebhookRefusedError when the signature, its age or the mode is wrong. */
  abstract readEvent(body: Buffer, signature: string | undefined, now: Date): ProviderEvent;
}
