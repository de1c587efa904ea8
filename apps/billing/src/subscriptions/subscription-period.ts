/** A stretch of paid time: `startsAt` belongs to it, `endsAt` does not. */
export interface PaidPeriod {
  startsAt: Date;
  endsAt: Date;
  /** The moment the unbroken chain of periods began; every end is counted from here, so no day of the month is ever lost. */
  anchor: Date;
  /** Calendar months from the anchor to `endsAt`. */
  anchorMonths: number;
}

/**
 * `months` calendar months after `from`, in UTC: the same day and time of day, or the last day of a shorter month.
 * Always count from the first date: adding one month twice to 31 January gives 28 March, adding two gives 31 March.
 */
export function addMonths(from: Date, months: number): Date {
  const firstOfMonth = new Date(from);
  firstOfMonth.setUTCDate(1);
  firstOfMonth.setUTCMonth(from.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(firstOfMonth.getUTCFullYear(), firstOfMonth.getUTCMonth() + 1, 0)).getUTCDate();
  firstOfMonth.setUTCDate(Math.min(from.getUTCDate(), lastDay));
  return firstOfMonth;
}

/**
 * The period that `termMonths` more months buy: right after the last paid one while its holder has access (until its end, or
 * until `graceUntil` when that is later: grace that was used is paid for), or from `now` when nothing is left.
 */
export function nextPeriod(
  latest: PaidPeriod | undefined,
  termMonths: number,
  now: Date,
  graceUntil: Date | null = null,
): PaidPeriod {
  if (latest && (latest.endsAt >= now || (graceUntil && graceUntil > now))) return continued(latest, termMonths);
  return { startsAt: now, endsAt: addMonths(now, termMonths), anchor: now, anchorMonths: termMonths };
}

/** The period of `termMonths` months that begins where `previous` ends, in the same chain. */
export function continued(previous: PaidPeriod, termMonths: number): PaidPeriod {
  const anchorMonths = previous.anchorMonths + termMonths;
  return {
    startsAt: previous.endsAt,
    endsAt: addMonths(previous.anchor, anchorMonths),
    anchor: previous.anchor,
    anchorMonths,
  };
}
