import type { Leg, Side } from '../ledger/ledger.js';
import type { Balance } from '../ledger/ledger.repository.js';
import type { Quote } from '../quotes/quotes.repository.js';

/** What is taken back of a top-up; amounts in minor units. */
export interface Reversal {
  /** In the currency that was paid. */
  paidMinor: bigint;
  /** Of that, what comes out of the spread we kept. */
  spreadMinor: bigint;
  /** In the currency that was credited. */
  clawedMinor: bigint;
}

/** The top-up and how far it has been taken back already. */
interface TakenSoFar {
  paidMinor: bigint;
  creditedMinor: bigint;
  spreadMinor: bigint;
  takenBeforeMinor: bigint;
  clawedBeforeMinor: bigint;
}

/**
 * The part of a top-up that goes with a part of its money, at the original rate. Worked out from the sums and not piece by piece, so
 * that any number of partial refunds together takes exactly what one whole refund would.
 */
export function reversalOf(topUp: TakenSoFar, amountMinor: bigint): Reversal {
  const after = topUp.takenBeforeMinor + amountMinor;
  const share = (whole: bigint, part: bigint): bigint => (whole * part) / topUp.paidMinor;
  // Up, in our favour, until all is gone; then it is exactly what was credited.
  const clawedAfter = (topUp.creditedMinor * after + topUp.paidMinor - 1n) / topUp.paidMinor;
  const clawed = clawedAfter - topUp.clawedBeforeMinor;
  return {
    paidMinor: amountMinor,
    spreadMinor: share(topUp.spreadMinor, after) - share(topUp.spreadMinor, topUp.takenBeforeMinor),
    clawedMinor: clawed > 0n ? clawed : 0n,
  };
}

/** What can be taken from a wallet now, with the holds that this posting spends. */
export function spendable(balances: Balance[], walletId: string, unlockedMinor: bigint): bigint {
  const wallet = balances.find((balance) => balance.accountId === walletId)!;
  return wallet.balanceMinor - wallet.heldMinor + unlockedMinor;
}

/** Takes an amount from the wallet as far as it goes, and the rest on credit. */
export function clawLegs(
  amountMinor: bigint,
  from: { wallet: Side; debt: Side; spendableMinor: bigint },
  to: Side,
  currency: string,
): Leg[] {
  const available = from.spendableMinor > 0n ? from.spendableMinor : 0n;
  const fromWallet = amountMinor < available ? amountMinor : available;
  const legs: Leg[] = [
    { code: 'taken_back', debit: from.wallet, credit: to, currency, amountMinor: fromWallet },
    { code: 'owed', debit: from.debt, credit: to, currency, amountMinor: amountMinor - fromWallet },
  ];
  return legs.filter((leg) => leg.amountMinor > 0n);
}

/** Brings the paid currency back out of our position, through the user's wallet, to the provider. */
export function unexchangeLegs(quote: Quote, reversal: Reversal, wallet: Side): Leg[] {
  const legs: Leg[] = [
    {
      code: 'unexchanged',
      debit: 'system:fx_position',
      credit: wallet,
      currency: quote.from,
      amountMinor: reversal.paidMinor - reversal.spreadMinor,
    },
    {
      code: 'spread_returned',
      debit: 'system:fx_spread',
      credit: wallet,
      currency: quote.from,
      amountMinor: reversal.spreadMinor,
    },
    {
      code: 'returned',
      debit: wallet,
      credit: 'system:psp_clearing',
      currency: quote.from,
      amountMinor: reversal.paidMinor,
    },
  ];
  return legs.filter((leg) => leg.amountMinor > 0n);
}
