import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, mongo, type QueryFilter } from 'mongoose';
import { UnavailableError } from '#libs/errors';
import { HistoryEntry } from './history-entry.schema.js';

/** Where a page ends: the place of its last entry in the order of the list. */
export interface HistoryPosition {
  recordedAt: Date;
  accountId: string;
  seq: number;
}

/** What of the history is wanted. */
export interface HistoryFilter {
  userId: string;
  accountId?: string | undefined;
  currency?: string | undefined;
  kind?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

const TIMEOUT_MS = 3_000;

@Injectable()
export class HistoryRepository {
  constructor(@InjectModel(HistoryEntry.name) private readonly entries: Model<HistoryEntry>) {}

  /** Writes an entry unless it is there. */
  async add(entry: HistoryEntry): Promise<void> {
    const { _id, ...fields } = entry;
    await this.guarded(() =>
      this.entries.updateOne({ _id }, { $setOnInsert: fields }, { upsert: true, maxTimeMS: TIMEOUT_MS }),
    );
  }

  /** Newest first, after a position. */
  async page(filter: HistoryFilter, limit: number, after?: HistoryPosition): Promise<HistoryEntry[]> {
    return this.guarded(() =>
      this.entries
        .find(conditions(filter, after))
        .sort({ recordedAt: -1, accountId: -1, seq: -1 })
        .limit(limit)
        .maxTimeMS(TIMEOUT_MS)
        .lean<HistoryEntry[]>(),
    );
  }

  /** The user's entries of one transaction. */
  async ofTransaction(userId: string, transactionId: string): Promise<HistoryEntry[]> {
    return this.guarded(() =>
      this.entries
        .find({ userId, transactionId })
        .sort({ accountId: 1, seq: 1 })
        .maxTimeMS(TIMEOUT_MS)
        .lean<HistoryEntry[]>(),
    );
  }

  /** A store that is away is said so; two upserts of one entry at the same time are one. */
  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof mongo.MongoServerError && error.code === 11_000) return undefined as T;
      if (isAway(error)) throw new UnavailableError('The history', error);
      throw error;
    }
  }
}

function conditions(filter: HistoryFilter, after?: HistoryPosition): QueryFilter<HistoryEntry> {
  const { userId, accountId, currency, kind, from, to } = filter;
  return {
    userId,
    ...(accountId && { accountId }),
    ...(currency && { currency }),
    ...(kind && { kind }),
    ...((from ?? to) && { recordedAt: { ...(from && { $gte: from }), ...(to && { $lt: to }) } }),
    ...(after && {
      $or: [
        { recordedAt: { $lt: after.recordedAt } },
        { recordedAt: after.recordedAt, accountId: { $lt: after.accountId } },
        { recordedAt: after.recordedAt, accountId: after.accountId, seq: { $lt: after.seq } },
      ],
    }),
  };
}

/** Everything the driver throws while the server cannot be reached or does not answer in time. */
function isAway(error: unknown): boolean {
  const name = (error as Error | undefined)?.name ?? '';
  return /^(MongoNetwork|MongoServerSelection|MongoTopologyClosed|MongoNotConnected|MongoPool|MongoWaitQueue|MongoExpiredSession|MongooseServerSelection|MongooseError|MongoOperationTimeout)/.test(
    name,
  );
}
