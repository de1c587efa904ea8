import type { PlanOffer } from '../plans/plan.js';
import { alreadyTold, type Course, firstTryAt, type Renewal } from './renewal.js';
import type { PaidPeriod } from './subscription-period.js';

/** One user's line of periods of one product. */
export interface Subscription extends Course {
  id: string;
  userId: string;
  product: string;
  /** Grows with each change; the version of its events. */
  version: number;
}

/** How a period came to be: paid by card, from a balance, by automatic renewal, or given by an administrator. */
export type PeriodSource = 'card' | 'balance' | 'renewal' | 'grant';

/** A stretch of paid time and the sale behind it. */
export interface SubscriptionPeriod extends PaidPeriod {
  id: string;
  subscriptionId: string;
  paidMinor: bigint;
  paidCurrency: string;
  source: PeriodSource;
  /** Only of periods paid by card. */
  paymentId: string | null;
  /** The ledger transaction; null when nothing was paid. */
  transactionId: string | null;
  offer: PlanOffer;
  /** The order behind a granted one; told when it is written. */
  grantKey?: string;
  /** Months of the term that are left to the holder; 0 when revoked. */
  months: number;
  /** What of the price is earned, and what was given back. */
  earnedMinor: bigint;
  refundedMinor: bigint;
  /** When the next day will be earned; null when nothing is left to earn. */
  earnAt: Date | null;
  status: 'active' | 'revoked';
  revokedAt: Date | null;
  revokedReason: string | null;
  createdAt: Date;
}

/** What was paid, in which way, for a period about to be added. */
export type PeriodPayment = Pick<
  SubscriptionPeriod,
  'paidMinor' | 'paidCurrency' | 'source' | 'paymentId' | 'transactionId' | 'grantKey'
>;

/** The subscription once its paid time ends at `paidUntil`: grace and failures are over, reminders start anew. */
export function paidThrough(subscription: Subscription, paidUntil: Date | null, now: Date): Subscription {
  return {
    ...subscription,
    paidUntil,
    graceUntil: null,
    told: alreadyTold(paidUntil, now),
    renewal: subscription.renewal && paidUntil && scheduled(subscription.renewal, paidUntil),
  };
}

/** The renewal for an end: to be tried a day before it. */
export function scheduled(renewal: Renewal, paidUntil: Date): Renewal {
  return { ...renewal, tryAt: firstTryAt(paidUntil), failure: null, failureToldAt: null };
}
