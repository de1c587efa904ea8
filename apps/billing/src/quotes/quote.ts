import type { Currency } from '../money/money.js';
import type { RatesPerUsd } from '../rates/rate.js';
import { divideRates } from '../rates/rate.js';

/** What we keep of every conversion, in hundredths of a percent. */
export const SPREAD_BP = 100n;

/** How long a quote holds. */
export const QUOTE_MINUTES = 30;

/** A conversion worked out; all amounts in minor units. */
export interface Conversion {
  amountIn: bigint;
  /** Part of `amountIn`, in its currency. */
  spread: bigint;
  amountOut: bigint;
  /** Units of the target currency for one unit of the source currency, before the spread; times 10^12. */
  rate: bigint;
}

/** The two sides of a conversion. */
interface Pair {
  from: Pick<Currency, 'code' | 'exponent'>;
  to: Pick<Currency, 'code' | 'exponent'>;
  perUsd: RatesPerUsd;
}

/**
 * Converts an amount: the spread is rounded up, the result down, both in our favour, in one exact division. `amountOut` may be zero.
 * Rounding to nearest would let pieces of a sum be worth more than the sum.
 */
export function convert(amountIn: bigint, { from, to, perUsd }: Pair): Conversion {
  const fromRate = perUsd[from.code]!;
  const toRate = perUsd[to.code]!;
  const spread = (amountIn * SPREAD_BP + 9_999n) / 10_000n;
  const amountOut =
    ((amountIn - spread) * toRate * 10n ** BigInt(to.exponent)) / (fromRate * 10n ** BigInt(from.exponent));
  return { amountIn, spread, amountOut, rate: divideRates(toRate, fromRate) };
}
