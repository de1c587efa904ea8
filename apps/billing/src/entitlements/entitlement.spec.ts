import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedBetween, entitlementsAt, type PaidTime } from './entitlement.js';

const day = (n: number): Date => new Date(Date.UTC(2026, 0, 1) + n * 86_400_000);
const hd = { video_quality: 'full_hd' };
const ultra = { video_quality: 'ultra_hd' };
const time = (from: number, to: number, features: Record<string, string> = hd, product = 'cinema'): PaidTime => ({
  product,
  features,
  startsAt: day(from),
  endsAt: day(to),
});

describe('entitlementsAt', () => {
  it('gives nothing to a user who never paid', () => {
    expect(entitlementsAt([], day(0))).toEqual({ items: [], nextChangeAt: null, withheld: null });
  });

  it('gives nothing while access is withheld, until the moment that ends by itself', () => {
    expect(entitlementsAt([time(0, 30)], day(1), { reason: 'blocked', until: day(5) })).toEqual({
      items: [],
      nextChangeAt: day(5),
      withheld: 'blocked',
    });
  });

  it('includes the first moment of a period and not its last', () => {
    expect(entitlementsAt([time(0, 30)], day(0)).items).toHaveLength(1);
    expect(entitlementsAt([time(0, 30)], new Date(+day(30) - 1)).items).toHaveLength(1);
    expect(entitlementsAt([time(0, 30)], day(30))).toEqual({ items: [], nextChangeAt: null, withheld: null });
  });

  it('lasts until the end of the last of adjacent periods, and only then changes', () => {
    const { items, nextChangeAt } = entitlementsAt([time(30, 60), time(0, 30), time(60, 90)], day(10));
    expect(items).toEqual([{ product: 'cinema', features: hd, activeUntil: day(90) }]);
    expect(nextChangeAt).toEqual(day(90));
  });

  it('stops at a gap, and changes again when the later period begins', () => {
    const times = [time(0, 30), time(40, 70)];
    expect(entitlementsAt(times, day(10))).toMatchObject({ items: [{ activeUntil: day(30) }], nextChangeAt: day(30) });
    expect(entitlementsAt(times, day(35))).toEqual({ items: [], nextChangeAt: day(40), withheld: null });
  });

  it('follows the plan of the running period when the next one has other features', () => {
    const times = [time(0, 30), time(30, 60, ultra)];
    expect(entitlementsAt(times, day(10))).toEqual({
      items: [{ product: 'cinema', features: hd, activeUntil: day(60) }],
      nextChangeAt: day(30),
      withheld: null,
    });
    expect(entitlementsAt(times, day(30)).items[0]?.features).toEqual(ultra);
  });

  it('keeps products apart', () => {
    const { items, nextChangeAt } = entitlementsAt([time(0, 30), time(0, 20, hd, 'sport')], day(1));
    expect(items.map((item) => item.product)).toEqual(['cinema', 'sport']);
    expect(nextChangeAt).toEqual(day(20));
  });

  it('never changes between now and nextChangeAt, and does change there', () => {
    const lengths = fc.array(
      fc.record({ gap: fc.integer({ min: 0, max: 3 }), days: fc.integer({ min: 1, max: 5 }), ultra: fc.boolean() }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(lengths, fc.integer({ min: -2, max: 50 }), (parts, today) => {
        let end = 0;
        const times = parts.map((part) => {
          const start = end + part.gap;
          end = start + part.days;
          return time(start, end, part.ultra ? ultra : hd);
        });
        const { items, nextChangeAt } = entitlementsAt(times, day(today));
        for (let later = today; later < 60; later++) {
          const then = entitlementsAt(times, day(later)).items;
          if (nextChangeAt && day(later) >= nextChangeAt) {
            expect(changedBetween(items, then)).toHaveLength(1);
            break;
          }
          expect(changedBetween(items, then)).toEqual([]);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('changedBetween', () => {
  const item = { product: 'cinema', features: hd, activeUntil: day(30) };

  it('names what is new, what moved and what is gone, and is silent about the rest', () => {
    const sport = { ...item, product: 'sport' };
    const kids = { ...item, product: 'kids' };
    const longer = { ...item, activeUntil: day(60) };
    expect(changedBetween([item, sport, kids], [longer, sport])).toEqual([
      { product: 'cinema', now: longer },
      { product: 'kids', now: undefined },
    ]);
    expect(changedBetween([], [item])).toEqual([{ product: 'cinema', now: item }]);
  });
});
