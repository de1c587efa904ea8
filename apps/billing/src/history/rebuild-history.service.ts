import { Injectable } from '@nestjs/common';
import { HistoryRepository } from './history.repository.js';
import type { AccountTotals } from './history-filter.js';
import { LedgerEntriesRepository } from './ledger-entries.repository.js';

const ACCOUNTS_AT_ONCE = 200;
const ENTRIES_AT_ONCE = 1_000;
const FIRST = '00000000-0000-0000-0000-000000000000';

/** An account whose history is not what the ledger says. */
export interface HistoryDifference {
  accountId: string;
  difference: string;
}

/** Keeps the history equal to the ledger, whatever happened to it. */
@Injectable()
export class RebuildHistoryService {
  constructor(
    private readonly ledger: LedgerEntriesRepository,
    private readonly history: HistoryRepository,
  ) {}

  /**
   * Writes the whole history anew beside the present one and puts it in its place; what was booked meanwhile is added afterwards.
   * Readers see the old one or the new one, never a part. Returns how many entries were written.
   */
  async rebuild(): Promise<number> {
    const target = await this.history.startRebuild();
    let written = 0;
    for await (const accounts of this.everyAccount()) {
      for (const account of accounts) written += await this.copy(account, 0, (entries) => target.insert(entries));
    }
    await target.finish();
    for await (const accounts of this.everyAccount()) await this.catchUp(accounts);
    return written;
  }

  /** Writes one user's history anew, in place. */
  async rebuildUser(userId: string): Promise<number> {
    await this.history.forgetUser(userId);
    let written = 0;
    for await (const accounts of this.everyAccount(userId)) {
      for (const account of accounts) written += await this.copy(account, 0, (entries) => this.history.addAll(entries));
    }
    return written;
  }

  /** Compares each account's number of entries, last sequence, sum and last hash in both stores. */
  async verify(): Promise<{ accounts: number; differences: HistoryDifference[] }> {
    let seen = 0;
    const differences: HistoryDifference[] = [];
    for await (const accounts of this.everyAccount()) {
      seen += accounts.length;
      const found = await this.history.totals(accounts.map((account) => account.accountId));
      for (const account of accounts) {
        const difference = differenceOf(account, found.get(account.accountId));
        if (difference) differences.push({ accountId: account.accountId, difference });
      }
    }
    return { accounts: seen, differences };
  }

  private async catchUp(accounts: AccountTotals[]): Promise<void> {
    const found = await this.history.totals(accounts.map((account) => account.accountId));
    for (const account of accounts) {
      const from = found.get(account.accountId);
      if (from?.count === account.count) continue;
      // Entries may have been written by the consumer out of order, so a number alone tells no position.
      await this.copy(account, 0, (entries) => this.history.addAll(entries));
    }
  }

  private async copy(
    { accountId }: AccountTotals,
    afterSeq: number,
    write: (entries: Awaited<ReturnType<LedgerEntriesRepository['ofAccount']>>) => Promise<void>,
  ): Promise<number> {
    let written = 0;
    for (let seq = afterSeq; ;) {
      const entries = await this.ledger.ofAccount(accountId, seq, ENTRIES_AT_ONCE);
      if (entries.length > 0) await write(entries);
      written += entries.length;
      if (entries.length < ENTRIES_AT_ONCE) return written;
      seq = entries.at(-1)!.seq;
    }
  }

  private async *everyAccount(userId?: string): AsyncGenerator<AccountTotals[]> {
    for (let after = FIRST; ;) {
      const accounts = await this.ledger.accounts(after, ACCOUNTS_AT_ONCE, userId);
      if (accounts.length === 0) return;
      yield accounts;
      after = accounts.at(-1)!.accountId;
    }
  }
}

function differenceOf(ledger: AccountTotals, history: AccountTotals | undefined): string | undefined {
  const { count = 0, lastSeq = 0, sumMinor = 0n, lastHash = '' } = history ?? {};
  if (ledger.count !== count) return `${ledger.count} entries in the ledger, ${count} in the history`;
  if (ledger.lastSeq !== lastSeq) return `last sequence ${ledger.lastSeq} in the ledger, ${lastSeq} in the history`;
  if (ledger.sumMinor !== sumMinor) return `sum ${ledger.sumMinor} in the ledger, ${sumMinor} in the history`;
  return ledger.lastHash === lastHash ? undefined : 'another last hash';
}
