import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clawLegs, reversalOf } from './topup-reversal.js';

const amount = fc.bigInt(1n, 10n ** 12n);

describe('taking a top-up back', () => {
  it('in any number of parts takes exactly what was credited and kept, and never more on the way', () => {
    fc.assert(
      fc.property(amount, amount, fc.array(fc.nat(100), { minLength: 1, maxLength: 6 }), (paid, credited, cuts) => {
        const spreadMinor = paid / 100n;
        const topUp = { paidMinor: paid, creditedMinor: credited, spreadMinor };
        const marks = [...cuts.map((cut) => (paid * BigInt(cut)) / 100n), paid].toSorted((a, b) => (a < b ? -1 : 1));
        let [taken, clawed, spread] = [0n, 0n, 0n];
        for (const mark of marks.filter((one) => one > 0n)) {
          if (mark === taken) continue;
          const part = reversalOf({ ...topUp, takenBeforeMinor: taken, clawedBeforeMinor: clawed }, mark - taken);
          taken = mark;
          clawed += part.clawedMinor;
          spread += part.spreadMinor;
          expect(clawed <= credited).toBe(true);
          expect(part.spreadMinor <= part.paidMinor).toBe(true);
        }
        expect([clawed, spread]).toEqual([credited, spreadMinor]);
      }),
      { numRuns: 20_000 },
    );
  });

  it('takes from the wallet what is there and puts the rest on the debt account', () => {
    const from = { wallet: 'account:w', debt: 'account:d', spendableMinor: 60n } as const;
    const legs = clawLegs(100n, from, 'system:psp_clearing', 'EUR');
    expect(legs.map(({ code, debit, amountMinor }) => [code, debit, amountMinor])).toEqual([
      ['taken_back', 'account:w', 60n],
      ['owed', 'account:d', 40n],
    ]);
    expect(clawLegs(60n, from, 'system:psp_clearing', 'EUR')).toHaveLength(1);
    expect(clawLegs(5n, { ...from, spendableMinor: -3n }, 'system:psp_clearing', 'EUR')[0]?.code).toBe('owed');
  });
});
