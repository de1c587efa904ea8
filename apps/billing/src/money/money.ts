import { AmountMalformedError, AmountOutOfRangeError } from './money.errors.js';

/** An exact amount: minor units (cents, kopecks, points' hundredths) of one currency. */
export interface Money {
  amountMinor: bigint;
  currency: string;
}

/** A currency as stored; `exponent` is how many decimals it has. */
export interface Currency {
  code: string;
  exponent: number;
  kind: 'fiat' | 'point';
  /** Least and greatest amount of one order, in minor units. */
  minMinor: bigint;
  maxMinor: bigint;
}

/** The largest amount the ledger takes: 2^53 - 1 minor units, so that no reader loses a digit. */
export const MAX_AMOUNT_MINOR = 9_007_199_254_740_991n;

/** Plain decimal notation in ASCII digits: no sign, exponent, separators or leading zeros. */
const AMOUNT = /^(0|[1-9][0-9]{0,15})(?:\.([0-9]{1,4}))?$/;

/**
 * Reads a decimal string as minor units, exactly. Throws AmountMalformedError when it is not a plain decimal or has more
 * decimals than the currency, AmountOutOfRangeError when it is zero or larger than the ledger takes.
 */
export function parseAmount(text: string, currency: Pick<Currency, 'code' | 'exponent'>): bigint {
  const match = AMOUNT.exec(text);
  const decimals = match?.[2] ?? '';
  if (!match || decimals.length > currency.exponent) throw new AmountMalformedError(currency.code, currency.exponent);
  const minor = BigInt(match[1]! + decimals.padEnd(currency.exponent, '0'));
  if (minor === 0n || minor > MAX_AMOUNT_MINOR) throw new AmountOutOfRangeError(currency.code);
  return minor;
}

/** Writes minor units as a decimal string with all the currency's decimals. */
export function formatAmount(amountMinor: bigint, exponent: number): string {
  const sign = amountMinor < 0n ? '-' : '';
  const digits = String(amountMinor < 0n ? -amountMinor : amountMinor).padStart(exponent + 1, '0');
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
