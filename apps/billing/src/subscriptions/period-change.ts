import { earnedAt, nextEarningAt } from './earnings.js';
import { relaid, withMonths } from './period-layout.js';
import type { SubscriptionPeriod } from './subscription.js';

const END_OF_TIME = new Date(8.64e15);

/** What becomes of a period. */
export interface PeriodChange {
  /** Months that are left to the holder; 0 revokes the period. */
  months: number;
  earnedMinor: bigint;
  refundedMinor: bigint;
  reason: string;
}

/**
 * All periods of a subscription after one of them has changed: the changed one with its new length, the later ones moved so that
 * access has neither gap nor overlap, and for each when its next day will be earned. Active ones come first, in order of time.
 */
export function changed(
  active: readonly SubscriptionPeriod[],
  period: SubscriptionPeriod,
  change: PeriodChange,
  now: Date,
): SubscriptionPeriod[] {
  const after = resized(period, change, now);
  const others = active.filter((other) => other.id !== period.id);
  const laid = after.status === 'active' ? relaid([...others, after], now) : [...relaid(others, now), after];
  return laid.map((some) => ({ ...some, earnAt: earnAtFor(some, now) }));
}

/** The period with its new length. A revoked one keeps its times for the record; months that come back too late lie behind all others. */
function resized(period: SubscriptionPeriod, change: PeriodChange, now: Date): SubscriptionPeriod {
  const { months, earnedMinor, refundedMinor, reason } = change;
  const money = { earnedMinor, refundedMinor };
  if (months === 0) return { ...period, ...money, months, status: 'revoked', revokedAt: now, revokedReason: reason };
  const active = { ...period, ...money, status: 'active' as const, revokedAt: null, revokedReason: null };
  const holdsItsPlace = period.status === 'active' && (months <= period.months || period.endsAt > now);
  if (holdsItsPlace) return withMonths(active, months);
  return { ...active, months: months - period.months, startsAt: END_OF_TIME, endsAt: END_OF_TIME };
}

/** When the next of a period's price will be earned; null when nothing is left. */
export function earnAtFor(period: SubscriptionPeriod, now: Date): Date | null {
  const left = period.paidMinor - period.refundedMinor - period.earnedMinor;
  if (left <= 0n) return null;
  if (period.status === 'revoked') return now;
  return nextEarningAt({ ...period, termMonths: period.offer.termMonths }, now) ?? now;
}

/** The moments from the one that is due to `now` at which a day of the period was earned; a revoked one earns all at once. */
export function daysEarned(period: SubscriptionPeriod, now: Date): Date[] {
  if (period.status === 'revoked') return [now];
  const days: Date[] = [];
  const earning = { ...period, termMonths: period.offer.termMonths };
  for (let day = period.earnAt; day && day <= now; day = nextEarningAt(earning, day)) days.push(day);
  return days;
}

/** What of a period's price is earned at `now`: all that was kept, once it is over or revoked. */
export function earnedOf(period: SubscriptionPeriod, now: Date): bigint {
  if (period.status === 'revoked') return period.paidMinor - period.refundedMinor;
  return earnedAt({ ...period, termMonths: period.offer.termMonths }, now);
}
