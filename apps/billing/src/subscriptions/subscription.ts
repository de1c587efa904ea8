import type { PlanOffer } from '../plans/plan.js';
import type { PaidPeriod } from './subscription-period.js';

/** One user's line of periods of one product. */
export interface Subscription {
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
  status: 'active' | 'revoked';
  createdAt: Date;
}

/** What was paid, in which way, for a period about to be added. */
export type PeriodPayment = Pick<
  SubscriptionPeriod,
  'paidMinor' | 'paidCurrency' | 'source' | 'paymentId' | 'transactionId'
>;
