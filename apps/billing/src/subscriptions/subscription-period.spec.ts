import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { addMonths, nextPeriod, type PaidPeriod } from './subscription-period.js';

const at = (iso: string): Date => new Date(iso);
const moment = fc.date({ min: at('2000-01-01T00:00:00Z'), max: at('2100-01-01T00:00:00Z'), noInvalidDate: true });
const term = fc.constantFrom(1, 3, 6);

/** The ends of one-month periods bought one after the other, starting at `start`. */
function ends(start: string, count: number): string[] {
  const result: string[] = [];
  let latest: PaidPeriod | undefined;
  for (let bought = 0; bought < count; bought++) {
    latest = nextPeriod(latest, 1, at(start));
    result.push(latest.endsAt.toISOString());
  }
  return result;
}

describe('addMonths', () => {
  it.each([
    ['2026-01-31T10:00:00.000Z', 1, '2026-02-28T10:00:00.000Z'],
    ['2028-01-31T10:00:00.000Z', 1, '2028-02-29T10:00:00.000Z'],
    ['2028-02-29T23:59:59.999Z', 12, '2029-02-28T23:59:59.999Z'],
    ['2028-02-29T00:00:00.000Z', 48, '2032-02-29T00:00:00.000Z'],
    ['2026-08-31T12:00:00.000Z', 6, '2027-02-28T12:00:00.000Z'],
    ['2026-12-31T23:00:00.000Z', 3, '2027-03-31T23:00:00.000Z'],
    ['2026-10-31T00:30:00.000Z', 1, '2026-11-30T00:30:00.000Z'],
  ])('counts from %s %i months to %s', (from, months, to) => {
    expect(addMonths(at(from), months).toISOString()).toBe(to);
  });

  it.each(['Europe/Moscow', 'America/New_York', 'Pacific/Kiritimati'])(
    'does not depend on the zone of the machine: %s',
    (zone) => {
      vi.stubEnv('TZ', zone);
      try {
        expect(at('2026-01-30T12:00:00Z').getTimezoneOffset()).not.toBe(0);
        // 30 January 22:00 UTC is already the 31st in Moscow, and 1 March 02:00 UTC still February in New York.
        expect(addMonths(at('2026-01-30T22:00:00Z'), 1).toISOString()).toBe('2026-02-28T22:00:00.000Z');
        expect(addMonths(at('2026-03-28T23:30:00Z'), 1).toISOString()).toBe('2026-04-28T23:30:00.000Z');
        expect(addMonths(at('2026-03-01T02:00:00Z'), 1).toISOString()).toBe('2026-04-01T02:00:00.000Z');
        expect(addMonths(at('2026-03-31T02:00:00Z'), 1).toISOString()).toBe('2026-04-30T02:00:00.000Z');
      } finally {
        vi.unstubAllEnvs();
      }
    },
  );

  it('lands in the month it counted to and keeps the time of day', () => {
    fc.assert(
      fc.property(moment, fc.integer({ min: 0, max: 240 }), (from, months) => {
        const to = addMonths(from, months);
        const monthIndex = (date: Date) => date.getUTCFullYear() * 12 + date.getUTCMonth();
        expect(monthIndex(to)).toBe(monthIndex(from) + months);
        expect(to.getUTCDate()).toBeLessThanOrEqual(from.getUTCDate());
        expect(to.getTime() % 86_400_000).toBe(from.getTime() % 86_400_000);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('nextPeriod', () => {
  it('comes back to the 31st after a short month, because ends are counted from the anchor', () => {
    expect(ends('2026-01-31T09:00:00.000Z', 4)).toEqual([
      '2026-02-28T09:00:00.000Z',
      '2026-03-31T09:00:00.000Z',
      '2026-04-30T09:00:00.000Z',
      '2026-05-31T09:00:00.000Z',
    ]);
  });

  it('starts a new chain when the last period is over', () => {
    const first = nextPeriod(undefined, 1, at('2026-01-31T09:00:00Z'));
    const second = nextPeriod(first, 3, at('2026-05-10T00:00:00Z'));
    expect(second).toEqual({
      startsAt: at('2026-05-10T00:00:00Z'),
      endsAt: at('2026-08-10T00:00:00Z'),
      anchor: at('2026-05-10T00:00:00Z'),
      anchorMonths: 3,
    });
  });

  it('continues the chain when it is bought at the very moment the last period ends', () => {
    const first = nextPeriod(undefined, 1, at('2026-01-31T09:00:00Z'));
    const second = nextPeriod(first, 1, first.endsAt);
    expect(second.anchor).toEqual(first.anchor);
    expect(second.startsAt).toEqual(first.endsAt);
    expect(second.endsAt).toEqual(at('2026-03-31T09:00:00Z'));
  });

  it('never overlaps, never leaves a gap while active, and gives every month paid for', () => {
    const purchase = fc.record({ term, waitDays: fc.integer({ min: 0, max: 200 }) });
    fc.assert(
      fc.property(moment, fc.array(purchase, { minLength: 1, maxLength: 12 }), (start, purchases) => {
        let now = start;
        let latest: PaidPeriod | undefined;
        for (const { term: months, waitDays } of purchases) {
          now = new Date(now.getTime() + waitDays * 86_400_000);
          const period = nextPeriod(latest, months, now);
          if (latest && latest.endsAt >= now) {
            expect(period.startsAt).toEqual(latest.endsAt);
            expect(period.anchorMonths).toBe(latest.anchorMonths + months);
          } else {
            expect(period.startsAt).toEqual(now);
          }
          expect(period.endsAt > period.startsAt).toBe(true);
          expect(period.endsAt).toEqual(addMonths(period.anchor, period.anchorMonths));
          latest = period;
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
