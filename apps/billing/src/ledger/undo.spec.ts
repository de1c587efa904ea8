import { describe, expect, it } from 'vitest';
import type { Leg } from './ledger.js';
import type { Balance } from './ledger.repository.js';
import { undo } from './undo.js';

const balance = (accountId: string, kind: 'wallet' | 'debt', balanceMinor: bigint): Balance => ({
  accountId,
  kind,
  balanceMinor,
  currency: 'EUR',
  status: 'open',
  heldMinor: 0n,
  seq: 1,
});
const leg = (code: string, debit: Leg['debit'], amountMinor: bigint): Leg => ({
  code,
  debit,
  credit: 'system:psp_clearing',
  currency: 'EUR',
  amountMinor,
});

describe('undoing a transaction', () => {
  const taken = [leg('taken_back', 'account:w', 60n), leg('owed', 'account:d', 40n)];

  it('turns every movement round, last first', () => {
    const legs = undo(taken, [balance('w', 'wallet', 0n), balance('d', 'debt', -40n)]);
    expect(legs.map(({ debit, credit, amountMinor }) => [debit, credit, amountMinor])).toEqual([
      ['system:psp_clearing', 'account:d', 40n],
      ['system:psp_clearing', 'account:w', 60n],
    ]);
  });

  it('gives to the wallet what has been repaid since', () => {
    const legs = undo(taken, [balance('w', 'wallet', 0n), balance('d', 'debt', -15n)]);
    expect(legs.map(({ credit, amountMinor }) => [credit, amountMinor])).toEqual([
      ['account:d', 15n],
      ['account:w', 25n],
      ['account:w', 60n],
    ]);
  });
});
