import { Injectable } from '@nestjs/common';
import { UnavailableError } from '#libs/errors';
import { toCursor } from './history-cursor.js';
import { TransactionNotFoundError } from './history.errors.js';
import type { HistoryEntry } from './history-entry.schema.js';
import type { HistoryFilter, HistoryPosition } from './history-filter.js';
import { HistoryRepository } from './history.repository.js';
import { LedgerEntriesRepository } from './ledger-entries.repository.js';

/** A page of entries, newest first. */
export interface HistoryPage {
  entries: HistoryEntry[];
  nextCursor: string | null;
  /** `ledger`: the newest page, straight from the books, because the history is away. */
  source: 'history' | 'ledger';
}

@Injectable()
export class HistoryService {
  constructor(
    private readonly repository: HistoryRepository,
    private readonly ledger: LedgerEntriesRepository,
  ) {}

  /**
   * A page of a user's history; costs the same wherever it lies. While MongoDB is away the newest page comes from the ledger and the
   * others throw UnavailableError.
   */
  async pageOrNewest(filter: HistoryFilter, limit: number, after?: HistoryPosition): Promise<HistoryPage> {
    try {
      return await this.page(filter, limit, after);
    } catch (error) {
      if (!(error instanceof UnavailableError) || after) throw error;
      const found = await this.ledger.newest(filter, limit + 1);
      const entries = found.slice(0, limit);
      return { entries, nextCursor: found.length > limit ? toCursor(entries.at(-1)!) : null, source: 'ledger' };
    }
  }

  /** A page of a user's history. Throws UnavailableError while MongoDB is away. */
  async page(filter: HistoryFilter, limit: number, after?: HistoryPosition): Promise<HistoryPage> {
    const found = await this.repository.page(filter, limit + 1, after);
    const entries = found.slice(0, limit);
    return { entries, nextCursor: found.length > limit ? toCursor(entries.at(-1)!) : null, source: 'history' };
  }

  /** A transaction of the user's own with all its lines. Throws TransactionNotFoundError. */
  async transaction(userId: string, transactionId: string): Promise<HistoryEntry[]> {
    const entries = await this.repository.ofTransaction(userId, transactionId);
    if (entries.length === 0) throw new TransactionNotFoundError();
    return entries;
  }
}
