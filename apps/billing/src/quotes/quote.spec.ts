import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRate, RATE_ONE } from '../rates/rate.js';
import { convert } from './quote.js';

const [USD, EUR, RUB, PNT] = ['USD', 'EUR', 'RUB', 'PNT'].map((code) => ({ code, exponent: 2 })) as [
  { code: string; exponent: number },
  { code: string; exponent: number },
  { code: string; exponent: number },
  { code: string; exponent: number },
];
const perUsd = {
  USD: RATE_ONE,
  EUR: parseRate('0.907539')!,
  RUB: parseRate('89.378323')!,
  PNT: parseRate('50')!,
};

const rate = fc.bigInt(1_000_000n, 10n ** 18n);
const amount = fc.oneof(fc.bigInt(1n, 1_000n), fc.bigInt(1n, 10n ** 15n));
const exponent = fc.constantFrom(0, 2, 3);

describe('a conversion', () => {
  it('keeps one percent and gives the rest at the rate', () => {
    // 20.00 EUR - 0.20 = 19.80; 19.80 / 0.907539 * 50 = 1090.8622..., cut.
    expect(convert(2_000n, { from: EUR, to: PNT, perUsd })).toMatchObject({ spread: 20n, amountOut: 109_086n });
  });

  it('rounds the spread up and the result down', () => {
    expect(convert(1n, { from: RUB, to: USD, perUsd })).toMatchObject({ spread: 1n, amountOut: 0n });
    expect(convert(199n, { from: USD, to: PNT, perUsd })).toMatchObject({ spread: 2n, amountOut: 9_850n });
  });

  it('never gives more for the parts than for the whole', () => {
    fc.assert(
      fc.property(
        fc.array(amount, { minLength: 2, maxLength: 8 }),
        rate,
        rate,
        exponent,
        exponent,
        (parts, a, b, e1, e2) => {
          const pair = { from: { code: 'A', exponent: e1 }, to: { code: 'B', exponent: e2 }, perUsd: { A: a, B: b } };
          const whole = convert(
            parts.reduce((sum, part) => sum + part),
            pair,
          ).amountOut;
          const pieces = parts.reduce((sum, part) => sum + convert(part, pair).amountOut, 0n);
          expect(pieces <= whole).toBe(true);
        },
      ),
      { numRuns: 50_000 },
    );
  });

  it('never gains by going there and back, by any way', () => {
    fc.assert(
      fc.property(amount, rate, rate, rate, exponent, exponent, exponent, (start, a, b, c, e1, e2, e3) => {
        const rates = { A: a, B: b, C: c };
        const [A, B, C] = [e1, e2, e3].map((value, i) => ({ code: 'ABC'[i]!, exponent: value }));
        const there = convert(start, { from: A!, to: B!, perUsd: rates }).amountOut;
        expect(convert(there, { from: B!, to: A!, perUsd: rates }).amountOut <= start).toBe(true);
        const around = convert(there, { from: B!, to: C!, perUsd: rates }).amountOut;
        expect(convert(around, { from: C!, to: A!, perUsd: rates }).amountOut <= start).toBe(true);
      }),
      { numRuns: 50_000 },
    );
  });

  it('never gives more than the exact value of what went in', () => {
    fc.assert(
      fc.property(amount, rate, rate, (amountIn, a, b) => {
        const pair = { from: USD, to: EUR, perUsd: { USD: a, EUR: b } };
        const { spread, amountOut } = convert(amountIn, pair);
        expect(amountOut * a <= (amountIn - spread) * b).toBe(true);
        expect(spread * 100n >= amountIn).toBe(true);
      }),
      { numRuns: 20_000 },
    );
  });
});
