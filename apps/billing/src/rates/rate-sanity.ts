import { distanceBp, QUOTED, RATE_ONE, type RatesPerUsd } from './rate.js';

/** What a source said. */
export interface Candidate {
  publishedAt: Date;
  perUsd: RatesPerUsd;
}

/** What becomes of it. */
export type Verdict =
  | { is: 'accepted' }
  | { is: 'unchanged' }
  | { is: 'quarantined'; fault: string }
  /** Between the limits: a second source has to say the same. */
  | { is: 'doubtful'; fault: string };

const HOUR_MS = 3_600_000;
/** A source may date its rates for the next day, not further. */
const FUTURE_MS = 26 * HOUR_MS;
const ACCEPT_BP = 500;
const DOUBT_BP = 2_000;
const AGREE_BP = 200;

/** What the first rates ever must lie between, units per USD. */
const PLAUSIBLE: Record<(typeof QUOTED)[number], [bigint, bigint]> = {
  CNY: [3n * RATE_ONE, 15n * RATE_ONE],
  EUR: [RATE_ONE / 2n, 2n * RATE_ONE],
  RUB: [20n * RATE_ONE, 500n * RATE_ONE],
};

/**
 * Judges rates against the last accepted ones: up to 5 % of change pass, up to 20 % only when the second source agrees within 2 %,
 * everything else waits for a person. Older than the last accepted or dated in the future is never taken.
 */
export function judge(candidate: Candidate, last: Candidate | undefined, now: Date): Verdict {
  if (isTooFarAhead(candidate.publishedAt, now)) return { is: 'quarantined', fault: 'dated in the future' };
  if (!last) return judgeFirst(candidate);
  if (candidate.publishedAt < last.publishedAt) return { is: 'unchanged' };
  const moved = QUOTED.map((currency) => ({
    currency,
    bp: distanceBp(last.perUsd[currency]!, candidate.perUsd[currency]!),
  }));
  const most = moved.reduce((a, b) => (b.bp > a.bp ? b : a));
  const fault = `${most.currency} moved by ${(most.bp / 100).toFixed(2)} %`;
  if (most.bp === 0 && candidate.publishedAt.getTime() === last.publishedAt.getTime()) return { is: 'unchanged' };
  if (most.bp <= ACCEPT_BP) return { is: 'accepted' };
  return most.bp <= DOUBT_BP ? { is: 'doubtful', fault } : { is: 'quarantined', fault };
}

/** Whether rates are dated later than for the next day. */
export function isTooFarAhead(publishedAt: Date, now: Date): boolean {
  return publishedAt.getTime() > now.getTime() + FUTURE_MS;
}

/** Whether two sources say the same, near enough. */
export function agree(a: RatesPerUsd, b: RatesPerUsd): boolean {
  return QUOTED.every((currency) => distanceBp(a[currency]!, b[currency]!) <= AGREE_BP);
}

function judgeFirst(candidate: Candidate): Verdict {
  const odd = QUOTED.find((currency) => {
    const [least, most] = PLAUSIBLE[currency];
    return candidate.perUsd[currency]! < least || candidate.perUsd[currency]! > most;
  });
  return odd ? { is: 'quarantined', fault: `${odd} is not plausible` } : { is: 'accepted' };
}
