import { describe, expect, it } from 'vitest';
import type { Balance } from '../ledger/ledger.repository.js';
import { repaymentLegs } from './topup.js';

const debt = (balanceMinor: bigint, currency = 'PNT'): Balance => ({
  accountId: 'd',
  currency,
  kind: 'debt',
  status: 'open',
  balanceMinor,
  heldMinor: 0n,
  seq: 1,
});

describe('fresh money', () => {
  it('repays what is owed in its currency first, and no more than is owed', () => {
    const legs = repaymentLegs([debt(-300n)], 'w', 'PNT', 1_000n);
    expect(legs).toEqual([
      { code: 'debt_repaid', debit: 'account:w', credit: 'account:d', currency: 'PNT', amountMinor: 300n },
    ]);
  });

  it('repays what it can when more is owed', () => {
    expect(repaymentLegs([debt(-3_000n)], 'w', 'PNT', 1_000n)[0]?.amountMinor).toBe(1_000n);
  });

  it.each([
    ['nothing is owed', [debt(0n)]],
    ['the debt is in another currency', [debt(-5n, 'EUR')]],
    ['there is no debt account', []],
  ])('stays whole when %s', (_, balances) => {
    expect(repaymentLegs(balances, 'w', 'PNT', 1_000n)).toEqual([]);
  });
});
