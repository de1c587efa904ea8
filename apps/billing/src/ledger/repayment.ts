import type { Leg } from './ledger.js';
import type { Balance } from './ledger.repository.js';

/** The leg that repays a debt out of what is free in the wallet of its currency; none when nothing is owed. */
export function repaymentLegs(
  balances: readonly Balance[],
  walletId: string,
  currency: string,
  freeMinor: bigint,
): Leg[] {
  const debt = balances.find((balance) => balance.kind === 'debt' && balance.currency === currency);
  const owed = debt ? -debt.balanceMinor : 0n;
  const amountMinor = owed < freeMinor ? owed : freeMinor;
  if (!debt || amountMinor <= 0n) return [];
  return [
    {
      code: 'debt_repaid',
      debit: `account:${walletId}`,
      credit: `account:${debt.accountId}`,
      currency,
      amountMinor,
    },
  ];
}

/** The legs that repay all a user owes, as far as there is something free in the wallets of the same currencies. */
export function repaymentOfAll(balances: readonly Balance[]): Leg[] {
  return balances
    .filter(({ kind }) => kind === 'wallet')
    .flatMap(({ accountId, currency, balanceMinor, heldMinor }) =>
      repaymentLegs(balances, accountId, currency, balanceMinor - heldMinor),
    );
}
