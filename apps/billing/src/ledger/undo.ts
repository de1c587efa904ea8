import type { Leg } from './ledger.js';
import type { Balance } from './ledger.repository.js';

/**
 * The legs that undo a transaction: the same movements the other way round, last first. What had been put on a debt account goes back
 * there only as far as it is still owed; what was repaid since goes to the wallet.
 */
export function undo(legs: readonly Leg[], balances: readonly Balance[]): Leg[] {
  const owed = new Map(
    balances.filter(({ kind }) => kind === 'debt').map((debt) => [`account:${debt.accountId}`, -debt.balanceMinor]),
  );
  const walletOf = (currency: string): Leg['credit'] =>
    `account:${balances.find((balance) => balance.kind === 'wallet' && balance.currency === currency)!.accountId}`;
  return legs.toReversed().flatMap((leg) => {
    const back: Leg = { ...leg, code: `${leg.code}_undone`, debit: leg.credit, credit: leg.debit };
    const stillOwed = owed.get(leg.debit);
    if (stillOwed === undefined) return [back];
    const toDebt = stillOwed < leg.amountMinor ? stillOwed : leg.amountMinor;
    owed.set(leg.debit, stillOwed - toDebt);
    return [
      { ...back, amountMinor: toDebt },
      { ...back, credit: walletOf(leg.currency), amountMinor: leg.amountMinor - toDebt },
    ].filter(({ amountMinor }) => amountMinor > 0n);
  });
}
