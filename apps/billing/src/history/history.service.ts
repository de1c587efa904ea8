import { Injectable } from '@nestjs/common';
import { toCursor } from './history-cursor.js';
import { TransactionNotFoundError } from './history.errors.js';
import type { HistoryEntry } from './history-entry.schema.js';
import { type HistoryFilter, type HistoryPosition, HistoryRepository } from './history.repository.js';

/** A page of entries, newest first. */
export interface HistoryPage {
  entries: HistoryEntry[];
  nextCursor: string | null;
}

@Injectable()
export class HistoryService {
  constructor(private readonly repository: HistoryRepository) {}

  /** A page of a user's history; costs the same wherever it lies. Throws UnavailableError while MongoDB is away. */
  async page(filter: HistoryFilter, limit: number, after?: HistoryPosition): Promise<HistoryPage> {
    const found = await this.repository.page(filter, limit + 1, after);
    const entries = found.slice(0, limit);
    return { entries, nextCursor: found.length > limit ? toCursor(entries.at(-1)!) : null };
  }

  /** A transaction of the user's own with all its lines. Throws TransactionNotFoundError. */
  async transaction(userId: string, transactionId: string): Promise<HistoryEntry[]> {
    const entries = await this.repository.ofTransaction(userId, transactionId);
    if (entries.length === 0) throw new TransactionNotFoundError();
    return entries;
  }
}
