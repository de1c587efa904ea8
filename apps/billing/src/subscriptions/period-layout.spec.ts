import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MovablePeriod, relaid, withMonths } from './period-layout.js';
import { addMonths, nextPeriod } from './subscription-period.js';

const at = (iso: string): Date => new Date(iso);
const START = at('2026-01-31T09:00:00Z');

/** Periods bought one after the other at `START`. */
function chain(...terms: number[]): MovablePeriod[] {
  const periods: MovablePeriod[] = [];
  for (const months of terms) periods.push({ ...nextPeriod(periods.at(-1), months, START), months });
  return periods;
}

const spans = (periods: MovablePeriod[]): string[] =>
  periods.map(({ startsAt, endsAt }) => `${startsAt.toISOString().slice(0, 10)} ${endsAt.toISOString().slice(0, 10)}`);

describe('periods after a change', () => {
  it('move up behind a shortened one, still counted from the anchor', () => {
    const [first, second] = chain(3, 1);
    expect(spans(relaid([withMonths(first!, 1), second!], at('2026-02-10T00:00:00Z')))).toEqual([
      '2026-01-31 2026-02-28',
      '2026-02-28 2026-03-31',
    ]);
  });

  it('begin now when the running one is gone', () => {
    const [, second] = chain(3, 1);
    expect(spans(relaid([second!], at('2026-02-10T00:00:00Z')))).toEqual(['2026-02-10 2026-03-10']);
  });

  it('make room for one that becomes longer again', () => {
    const [first, second] = relaid([withMonths(chain(3)[0]!, 1), chain(3, 1)[1]!], at('2026-02-10T00:00:00Z'));
    expect(spans(relaid([withMonths(first!, 3), second!], at('2026-02-11T00:00:00Z')))).toEqual([
      '2026-01-31 2026-04-30',
      '2026-04-30 2026-05-31',
    ]);
  });

  it('stay where they are when nothing changed', () => {
    const periods = chain(1, 3, 6);
    expect(relaid(periods, at('2026-02-10T00:00:00Z'))).toEqual(periods);
    expect(relaid(periods, at('2030-01-01T00:00:00Z'))).toEqual(periods);
  });

  it('never overlap, leave no gap ahead and keep every month, whatever is shortened and when', () => {
    const terms = fc.array(fc.constantFrom(1, 3, 6), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(terms, fc.nat(), fc.nat(6), fc.integer({ min: 0, max: 900 }), (bought, which, left, days) => {
        const now = new Date(+START + days * 86_400_000);
        const periods = chain(...bought);
        const index = which % periods.length;
        const months = Math.min(left, periods[index]!.months);
        const changed = periods.flatMap((period, i) => {
          if (i !== index) return [period];
          return months === 0 ? [] : [withMonths(period, months)];
        });
        const laid = relaid(changed, now);
        expect(laid.map((period) => period.months)).toEqual(changed.map((period) => period.months));
        for (const [i, period] of laid.entries()) {
          expect(period.endsAt).toEqual(addMonths(period.anchor, period.anchorMonths));
          expect(period.startsAt).toEqual(addMonths(period.anchor, period.anchorMonths - period.months));
          const previous = laid[i - 1];
          if (!previous) continue;
          expect(period.startsAt >= previous.endsAt).toBe(true);
          if (period.startsAt > now && previous.endsAt > now) expect(period.startsAt).toEqual(previous.endsAt);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
