/** Rates are integers with this many decimals. */
export const RATE_DECIMALS = 12;
const ONE = 10n ** BigInt(RATE_DECIMALS);

/** Units of each currency for one USD, times 10^12. */
export type RatesPerUsd = Record<string, bigint>;

/** The currencies every source must quote; USD is 1 by definition. */
export const QUOTED = ['CNY', 'EUR', 'RUB'] as const;

const DECIMAL = /^([0-9]{1,12})(?:\.([0-9]{1,20}))?$/;

/** Reads a decimal as a rate, cutting what is beyond twelve decimals; undefined when it is no positive plain decimal. */
export function parseRate(text: string): bigint | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const rate = BigInt(match[1]! + (match[2] ?? '').slice(0, RATE_DECIMALS).padEnd(RATE_DECIMALS, '0'));
  return rate > 0n ? rate : undefined;
}

/** Writes a rate as a decimal without trailing zeros. */
export function formatRate(rate: bigint): string {
  const digits = String(rate).padStart(RATE_DECIMALS + 1, '0');
  return `${digits.slice(0, -RATE_DECIMALS)}.${digits.slice(-RATE_DECIMALS)}`.replace(/\.?0+$/, '');
}

/** a / b, cut to twelve decimals. */
export function divideRates(a: bigint, b: bigint): bigint {
  return (a * ONE) / b;
}

/** How far b is from a, in hundredths of a percent of a. */
export function distanceBp(a: bigint, b: bigint): number {
  const difference = a > b ? a - b : b - a;
  return Number((difference * 10_000n) / a);
}

/** One unit. */
export const RATE_ONE = ONE;
