import type { Leg, Side } from '../ledger/ledger.js';
import type { Quote } from '../quotes/quotes.repository.js';

/** The movements of a quoted conversion: what we keep, what goes into our position, and what comes out of it in the other currency. */
export function conversionLegs(quote: Quote, from: Side, to: Side): Leg[] {
  const legs: Leg[] = [
    {
      code: 'exchanged',
      debit: from,
      credit: 'system:fx_position',
      currency: quote.from,
      amountMinor: quote.amountIn - quote.spread,
    },
    {
      code: 'received',
      debit: 'system:fx_position',
      credit: to,
      currency: quote.to,
      amountMinor: quote.amountOut,
    },
  ];
  const spread: Leg = {
    code: 'spread',
    debit: from,
    credit: 'system:fx_spread',
    currency: quote.from,
    amountMinor: quote.spread,
  };
  return quote.spread > 0n ? [legs[0]!, spread, legs[1]!] : legs;
}

/** What the history shows about the rate. */
export function conversionMeta(quote: Quote): Record<string, string> {
  return {
    quoteId: quote.id,
    rateSetId: quote.rateSetId,
    rate: quote.rate,
    amountInMinor: String(quote.amountIn),
    amountInCurrency: quote.from,
    spreadMinor: String(quote.spread),
    amountOutMinor: String(quote.amountOut),
    amountOutCurrency: quote.to,
  };
}
