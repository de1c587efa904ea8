import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { earnedAt, type EarningPeriod, monthsBegun, monthsPaidFor, nextEarningAt, priceOfMonths } from './earnings.js';
import { nextPeriod } from './subscription-period.js';

const DAY = 86_400_000;
const at = (iso: string): Date => new Date(iso);
const sold = (termMonths: number, paidMinor: bigint, start = at('2026-01-31T09:00:00Z')): EarningPeriod => ({
  ...nextPeriod(undefined, termMonths, start),
  termMonths,
  months: termMonths,
  paidMinor,
  refundedMinor: 0n,
});
const anySale = fc.record({
  termMonths: fc.constantFrom(1, 3, 6),
  paidMinor: fc.bigInt({ min: 1n, max: 1_000_000n }),
  start: fc.date({ min: at('2024-01-01T00:00:00Z'), max: at('2032-01-01T00:00:00Z'), noInvalidDate: true }),
});

describe('what a period earns', () => {
  it('is a whole month at its end, and days of it before', () => {
    const period = sold(3, 30_00n);
    expect(earnedAt(period, period.startsAt)).toBe(0n);
    expect(earnedAt(period, at('2026-02-14T09:00:00Z'))).toBe(5_00n);
    expect(earnedAt(period, at('2026-02-28T09:00:00Z'))).toBe(10_00n);
    expect(earnedAt(period, at('2026-03-31T09:00:00Z'))).toBe(20_00n);
    expect(earnedAt(period, at('2027-01-01T00:00:00Z'))).toBe(30_00n);
  });

  it('never shrinks as time passes and is the price at the end, whatever the months', () => {
    fc.assert(
      fc.property(anySale, ({ termMonths, paidMinor, start }) => {
        const period = sold(termMonths, paidMinor, start);
        let before = 0n;
        for (let now: Date | null = start; now; now = nextEarningAt(period, now)) {
          const earned = earnedAt(period, now);
          expect(earned >= before).toBe(true);
          before = earned;
        }
        expect(earnedAt(period, period.endsAt)).toBe(paidMinor);
      }),
      { numRuns: 300 },
    );
  });

  it('is never more than what was kept of the price', () => {
    const period = { ...sold(1, 10_00n), refundedMinor: 9_99n };
    expect(earnedAt(period, at('2026-02-01T09:00:00Z'))).toBe(1n);
    expect(earnedAt(period, at('2026-02-14T09:00:00Z'))).toBe(1n);
  });

  it('is looked at once a day', () => {
    const period = sold(1, 9_99n);
    const times: Date[] = [];
    for (let now = nextEarningAt(period, period.startsAt); now; now = nextEarningAt(period, now)) times.push(now);
    expect(times).toHaveLength(28);
    expect(times.at(-1)).toEqual(period.endsAt);
  });

  it('is never more than what is left after the unused months were given back', () => {
    fc.assert(
      fc.property(anySale, fc.integer({ min: 0, max: 200 }), ({ termMonths, paidMinor, start }, days) => {
        const period = sold(termMonths, paidMinor, start);
        const now = new Date(+start + days * DAY);
        const kept = priceOfMonths(paidMinor, monthsBegun(period, now), termMonths);
        expect(earnedAt(period, now) <= kept).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('months', () => {
  it('are used up as soon as they begin', () => {
    const period = sold(3, 30_00n);
    expect(monthsBegun(period, at('2026-01-31T09:00:00Z'))).toBe(0);
    expect(monthsBegun(period, at('2026-01-31T09:00:01Z'))).toBe(1);
    expect(monthsBegun(period, at('2026-02-28T09:00:01Z'))).toBe(2);
    expect(monthsBegun(period, at('2027-01-01T00:00:00Z'))).toBe(3);
  });

  it('stay with the holder as long as the rest of the price pays for any part of them', () => {
    const period = sold(3, 23_99n);
    expect(monthsPaidFor(period, 0n)).toBe(0);
    expect(monthsPaidFor(period, 1n)).toBe(1);
    expect(monthsPaidFor(period, priceOfMonths(23_99n, 1, 3))).toBe(1);
    expect(monthsPaidFor(period, 8_00n)).toBe(2);
    expect(monthsPaidFor(period, 23_99n)).toBe(3);
  });
});
