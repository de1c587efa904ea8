import fc from 'fast-check';
import type { Command } from './subscription-model.js';

/** Moments calendars are hard at: month ends, leap days, midnights of other zones. */
export const START_TIMES = [
  '2026-01-31T09:00:00.000Z',
  '2026-01-30T22:00:00.000Z',
  '2027-12-31T23:59:59.999Z',
  '2028-02-29T00:00:00.000Z',
  '2028-01-29T12:00:00.000Z',
  '2026-08-31T00:00:00.000Z',
  '2026-03-28T23:30:00.000Z',
  '2026-05-15T10:00:00.000Z',
].map((iso) => new Date(iso));

/** Sequences of what a holder may do. */
export function anyCommands(maxLength: number): fc.Arbitrary<Command[]> {
  const hours = fc.oneof(
    fc.integer({ min: 1, max: 72 }),
    fc.constantFrom(24 * 28, 24 * 30, 24 * 31, 24 * 59, 24 * 200),
  );
  // The odd seconds keep ends and nows apart: what happens at the very moment of an end has tests of its own.
  const wait = hours.map((count) => ({ do: 'wait' as const, seconds: count * 3_600 + 433 }));
  const buy = fc.record({
    do: fc.constant('buy' as const),
    months: fc.constantFrom(1 as const, 3 as const, 6 as const),
  });
  const refund = fc.record({
    do: fc.constant('refund' as const),
    which: fc.nat(4),
    policy: fc.constantFrom('whole' as const, 'unused_months' as const),
  });
  const renew = fc.constant({ do: 'renew' as const });
  const cancel = fc.constant({ do: 'cancel' as const });
  return fc.array(fc.oneof(buy, buy, wait, wait, refund, renew, cancel), { minLength: 2, maxLength });
}
