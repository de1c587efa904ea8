import { addMonths, continued, type PaidPeriod } from './subscription-period.js';

/** A period that may be moved. */
export interface MovablePeriod extends PaidPeriod {
  months: number;
}

/**
 * Where the periods of one subscription lie after one of them became shorter or longer: what has begun keeps its start, later ones
 * move up (or back) so that access goes on without a gap; when nothing runs any more, the next one begins `now`.
 */
export function relaid<T extends MovablePeriod>(periods: readonly T[], now: Date): T[] {
  const laid: T[] = [];
  for (const period of periods.toSorted((a, b) => +a.startsAt - +b.startsAt)) {
    laid.push({ ...period, ...place(period, laid.at(-1), now) });
  }
  return laid;
}

function place(period: MovablePeriod, previous: PaidPeriod | undefined, now: Date): PaidPeriod {
  const begun = period.startsAt <= now;
  if (begun && !(previous && previous.endsAt > period.startsAt)) return period;
  if (previous && previous.endsAt >= now) return continued(previous, period.months);
  return { startsAt: now, endsAt: addMonths(now, period.months), anchor: now, anchorMonths: period.months };
}

/** The period with another number of months, from the same start. */
export function withMonths<T extends MovablePeriod>(period: T, months: number): T {
  const anchorMonths = period.anchorMonths - period.months + months;
  return { ...period, months, anchorMonths, endsAt: addMonths(period.anchor, anchorMonths) };
}
