import type { Features } from '../plans/plan.js';
import type { Withheld, Withholding } from '../standing/standing.js';

/** Time somebody has paid for (or was given), of one product. */
export interface PaidTime {
  product: string;
  features: Features;
  startsAt: Date;
  endsAt: Date;
}

/** What a user may use of a product at a moment. */
export interface Entitlement {
  product: string;
  features: Features;
  /** End of the unbroken access, not belonging to it. */
  activeUntil: Date;
}

/** Everything a user may use at a moment, and when that changes by itself: null when nothing is left to change. */
export interface Entitlements {
  items: Entitlement[];
  nextChangeAt: Date | null;
  /** Why there is nothing although it may be paid for. */
  withheld: Withheld | null;
}

/**
 * Reads the entitlements at `now` out of paid times that do not overlap within a product. Nothing is given while access is
 * withheld; the paid time goes on running.
 */
export function entitlementsAt(
  times: readonly PaidTime[],
  now: Date,
  withholding: Withholding | null = null,
): Entitlements {
  if (withholding) return { items: [], nextChangeAt: withholding.until, withheld: withholding.reason };
  const items: Entitlement[] = [];
  const changes: number[] = [];
  for (const ofProduct of byProduct(times)) {
    const ahead = ofProduct.filter((time) => time.endsAt > now).toSorted((a, b) => +a.startsAt - +b.startsAt);
    const current = ahead[0];
    if (!current) continue;
    if (current.startsAt > now) {
      changes.push(+current.startsAt);
      continue;
    }
    const chain = unbroken(ahead);
    items.push({ product: current.product, features: current.features, activeUntil: chain.at(-1)!.endsAt });
    changes.push(+firstChange(chain));
  }
  return {
    items: items.toSorted((a, b) => (a.product < b.product ? -1 : 1)),
    nextChangeAt: changes.length > 0 ? new Date(Math.min(...changes)) : null,
    withheld: null,
  };
}

/** Names of the products whose entitlement differs between the two, with what holds now (undefined: no longer). */
export function changedBetween(
  before: readonly Entitlement[],
  after: readonly Entitlement[],
): { product: string; now: Entitlement | undefined }[] {
  const products = new Set([...before, ...after].map((item) => item.product));
  return [...products]
    .map((product) => ({
      product,
      was: before.find((item) => item.product === product),
      now: after.find((item) => item.product === product),
    }))
    .filter(({ was, now }) => !same(was, now))
    .map(({ product, now }) => ({ product, now }));
}

function byProduct(times: readonly PaidTime[]): PaidTime[][] {
  const groups = new Map<string, PaidTime[]>();
  for (const time of times) groups.set(time.product, [...(groups.get(time.product) ?? []), time]);
  return [...groups.values()];
}

/** The first time and those that follow it without a gap. */
function unbroken(ahead: readonly PaidTime[]): PaidTime[] {
  const gap = ahead.findIndex((time, index) => index > 0 && time.startsAt > ahead[index - 1]!.endsAt);
  return gap === -1 ? [...ahead] : ahead.slice(0, gap);
}

/** Where the features change within the chain, or its end. */
function firstChange(chain: readonly PaidTime[]): Date {
  const other = chain.find((time) => !sameFeatures(time.features, chain[0]!.features));
  return other?.startsAt ?? chain.at(-1)!.endsAt;
}

function same(a: Entitlement | undefined, b: Entitlement | undefined): boolean {
  if (!a || !b) return a === b;
  return +a.activeUntil === +b.activeUntil && sameFeatures(a.features, b.features);
}

function sameFeatures(a: Features, b: Features): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
