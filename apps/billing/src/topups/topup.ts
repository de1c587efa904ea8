import type { Leg } from '../ledger/ledger.js';
import type { Balance } from '../ledger/ledger.repository.js';

/** What was sold, as kept in the payment; amounts in minor units, as text because it is JSON. */
export interface TopUpSnapshot {
  creditCurrency: string;
  creditMinor: string;
  quoteId: string | null;
}

/** The leg that repays a debt out of fresh money; none when nothing is owed. */
export function repaymentLegs(balances: Balance[], walletId: string, currency: string, creditedMinor: bigint): Leg[] {
  const debt = balances.find((balance) => balance.kind === 'debt' && balance.currency === currency);
  const owed = debt ? -debt.balanceMinor : 0n;
  const amountMinor = owed < creditedMinor ? owed : creditedMinor;
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
