import { ValidationFailedError } from '#libs/errors';

/** Lengths a plan may have, in calendar months. */
export const TERMS_IN_MONTHS = [1, 3, 6] as const;

/** What a plan lets its holder do: a switch, a limit or a grade by name, `max_devices: 2` for example. */
export type Features = Record<string, string | number | boolean>;

/** What happens to the money when a paid period is given back. */
export const REFUND_POLICIES = ['whole', 'unused_months', 'none'] as const;

/** One of the refund policies. */
export type RefundPolicy = (typeof REFUND_POLICIES)[number];

/** The price in one currency, in minor units. */
export interface PlanPrice {
  currency: string;
  amountMinor: bigint;
}

/** Something that is sold: a product for a number of months. */
export interface Plan {
  id: string;
  product: string;
  productName: string;
  name: string;
  termMonths: number;
  features: Features;
  prices: PlanPrice[];
  /** Grows with each new list of prices. */
  pricesVersion: number;
  /** Days of access after the end while an automatic renewal waits for money. */
  graceDays: number;
  refundPolicy: RefundPolicy;
  activeFrom: Date;
  /** Not on sale from this moment on; null: no end. */
  activeUntil: Date | null;
}

/** The terms of one sale. A purchase keeps them whatever happens to the plan later; JSON only, so that they can be stored. */
export interface PlanOffer {
  planId: string;
  product: string;
  productName: string;
  planName: string;
  termMonths: number;
  features: Features;
  currency: string;
  amountMinor: string;
  graceDays: number;
  refundPolicy: RefundPolicy;
}

/** Whether the plan may be bought at this moment. */
export function isOnSale(plan: Plan, now: Date): boolean {
  return plan.activeFrom <= now && (plan.activeUntil === null || now < plan.activeUntil);
}

/** Refuses a sale that would end before or when it begins. Throws ValidationFailedError. */
export function assertTimeOfSale({ activeFrom, activeUntil }: Pick<Plan, 'activeFrom' | 'activeUntil'>): void {
  if (activeUntil === null || activeUntil > activeFrom) return;
  throw new ValidationFailedError([
    {
      field: 'activeUntil',
      message: `activeUntil must be later than ${activeFrom.toISOString()}, when the sale begins`,
    },
  ]);
}

/** The terms of a sale in `currency`; undefined when the plan has no price in it. */
export function offerIn(plan: Plan, currency: string): PlanOffer | undefined {
  const price = plan.prices.find((candidate) => candidate.currency === currency);
  if (!price) return undefined;
  return {
    planId: plan.id,
    product: plan.product,
    productName: plan.productName,
    planName: plan.name,
    termMonths: plan.termMonths,
    features: plan.features,
    currency,
    amountMinor: price.amountMinor.toString(),
    graceDays: plan.graceDays,
    refundPolicy: plan.refundPolicy,
  };
}

/** Features as they came from outside. Throws ValidationFailedError when one is not a text, a number or a switch, or there are too many. */
export function assertFeatures(features: Record<string, unknown>): Features {
  const entries = Object.entries(features);
  const wrong = entries.filter(([name, value]) => !FEATURE_NAME.test(name) || !isFeature(value)).map(([name]) => name);
  if (wrong.length === 0 && entries.length <= 50) return features as Features;
  const message =
    entries.length > 50 ? 'at most 50' : `not a text, number or switch: ${wrong.join(', ').slice(0, 200)}`;
  throw new ValidationFailedError([{ field: 'features', message }]);
}

const FEATURE_NAME = /^[a-z][a-z0-9_]{0,49}$/;

function isFeature(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= 200;
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}
