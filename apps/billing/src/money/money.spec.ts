import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAmount, MAX_AMOUNT_MINOR, parseAmount } from './money.js';

const USD = { code: 'USD', exponent: 2 };
const JPY = { code: 'JPY', exponent: 0 };

describe('an amount', () => {
  it('is read exactly and written back with all its decimals', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, MAX_AMOUNT_MINOR), fc.constantFrom(0, 2, 3), (minor, exponent) => {
        const text = formatAmount(minor, exponent);
        expect(parseAmount(text, { code: 'ZZZ', exponent })).toBe(minor);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['1', 100n],
    ['0.5', 50n],
    ['12.34', 1_234n],
    ['90071992547409.91', MAX_AMOUNT_MINOR],
  ])('%s dollars are %s cents', (text, minor) => {
    expect(parseAmount(text, USD)).toBe(minor);
  });

  it.each([
    '',
    ' 1',
    '-5',
    '+5',
    '1e3',
    '1,5',
    '1.',
    '.5',
    '01',
    '00.5',
    'NaN',
    'Infinity',
    '0x10',
    '１２',
    '1.234',
    '1_000',
    '10 ',
  ])('refuses "%s" as no plain decimal', (text) => {
    expect(() => parseAmount(text, USD)).toThrow(expect.objectContaining({ code: 'amount.malformed' }));
  });

  it.each(['0', '0.00', '90071992547409.92', '9999999999999999'])('refuses %s as out of range', (text) => {
    expect(() => parseAmount(text, USD)).toThrow(expect.objectContaining({ code: 'amount.out_of_range' }));
  });

  it('has no decimals in a currency without them', () => {
    expect(parseAmount('100', JPY)).toBe(100n);
    expect(() => parseAmount('100.0', JPY)).toThrow(expect.objectContaining({ code: 'amount.malformed' }));
  });

  it('is written with its sign', () => {
    expect(formatAmount(-5n, 2)).toBe('-0.05');
    expect(formatAmount(0n, 2)).toBe('0.00');
  });
});
