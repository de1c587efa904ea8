import { describe, expect, it } from 'vitest';
import type { Balance } from './ledger.repository.js';
import { repaymentLegs, repaymentOfAll } from './repayment.js';

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

describe('what has become free', () => {
  const wallet = (balanceMinor: bigint, heldMinor: bigint, currency: string): Balance => ({
    ...debt(balanceMinor, currency),
    accountId: `${currency} wallet`,
    kind: 'wallet',
    heldMinor,
  });

  it('repays debts of the same currencies, and what is held or in other currencies stays', () => {
    const balances = [
      wallet(1_000n, 900n, 'EUR'),
      wallet(500n, 0n, 'USD'),
      wallet(70n, 0n, 'PNT'),
      debt(-300n, 'EUR'),
      debt(-20n),
    ];
    expect(repaymentOfAll(balances).map(({ debit, amountMinor }) => [debit, amountMinor])).toEqual([
      ['account:EUR wallet', 100n],
      ['account:PNT wallet', 20n],
    ]);
  });
});
