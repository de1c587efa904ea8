import { addMonths, type PaidPeriod } from './subscription-period.js';

const DAY = 86_400_000;

/** A period and its money, in minor units. */
export interface EarningPeriod extends PaidPeriod {
  termMonths: number;
  /** Months of the term that are left to the holder. */
  months: number;
  paidMinor: bigint;
  refundedMinor: bigint;
}

/** The price of the first `months` months of a term, rounded down: what is left over belongs to the later months. */
export function priceOfMonths(paidMinor: bigint, months: number, termMonths: number): bigint {
  return (paidMinor * BigInt(months)) / BigInt(termMonths);
}

/** Months that are begun at `now`: those are used up, the others may be given back. */
export function monthsBegun(period: EarningPeriod, now: Date): number {
  let begun = 0;
  while (begun < period.months && monthStart(period, begun) < now) begun += 1;
  return begun;
}

/** Months that `remainingMinor` of the price still pays for, in the holder's favour: the fewest that cost at least that much. */
export function monthsPaidFor(period: EarningPeriod, remainingMinor: bigint): number {
  let months = 0;
  while (priceOfMonths(period.paidMinor, months, period.termMonths) < remainingMinor) months += 1;
  return Math.min(months, period.months);
}

/** What of the price is earned at `now`: month by month, within a month by whole days; at the end all that was not given back. */
export function earnedAt(period: EarningPeriod, now: Date): bigint {
  const keptMinor = period.paidMinor - period.refundedMinor;
  if (now >= period.endsAt) return keptMinor;
  if (now <= period.startsAt) return 0n;
  const { month, day, days } = dayAt(period, now);
  const before = priceOfMonths(period.paidMinor, month, period.termMonths);
  const after = priceOfMonths(period.paidMinor, month + 1, period.termMonths);
  const earned = before + ((after - before) * BigInt(day)) / BigInt(days);
  return earned < keptMinor ? earned : keptMinor;
}

/** When the next day of the period is over and earned; null when the period is. */
export function nextEarningAt(period: EarningPeriod, now: Date): Date | null {
  if (now >= period.endsAt) return null;
  if (now < period.startsAt) return new Date(+period.startsAt + DAY);
  const { month, day } = dayAt(period, now);
  const dayOver = +monthStart(period, month) + (day + 1) * DAY;
  return new Date(Math.min(dayOver, +monthStart(period, month + 1)));
}

function monthStart(period: EarningPeriod, month: number): Date {
  return addMonths(period.anchor, period.anchorMonths - period.months + month);
}

/** The month a moment lies in, counted from 0, and how many of its days are over. */
function dayAt(period: EarningPeriod, now: Date): { month: number; day: number; days: number } {
  let month = 0;
  while (monthStart(period, month + 1) <= now) month += 1;
  const start = +monthStart(period, month);
  return {
    month,
    day: Math.floor((+now - start) / DAY),
    days: Math.round((+monthStart(period, month + 1) - start) / DAY),
  };
}
