import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, QueryFilter } from 'mongoose';
import { Batcher, ignoringDuplicates, unorderedWrite } from '#libs/database';
import { UnavailableError } from '#libs/errors';
import { HistoryEntry, HistoryEntrySchema } from './history-entry.schema.js';
import type { AccountTotals, HistoryFilter, HistoryPosition } from './history-filter.js';

/** A history that is being written. */
export interface Rebuild {
  insert(entries: HistoryEntry[]): Promise<void>;
  /** From now on it is the history. */
  finish(): Promise<void>;
}

const TIMEOUT_MS = 3_000;

@Injectable()
export class HistoryRepository {
  private readonly arriving = new Batcher<HistoryEntry[], void>(async (transactions) => {
    await this.addAll(transactions.flat());
    return transactions.map(() => undefined);
  }, 100);

  constructor(@InjectModel(HistoryEntry.name) private readonly entries: Model<HistoryEntry>) {}

  /** Writes the entries of a transaction unless they are there, together with what arrives at the same time. */
  async add(entries: HistoryEntry[]): Promise<void> {
    await this.arriving.run(entries);
  }

  /** Writes entries unless they are there. */
  async addAll(entries: HistoryEntry[]): Promise<void> {
    // The driver's own: the ledger made these, and Mongoose would take them apart once more.
    const collection = this.entries.db.collection<HistoryEntry>(this.entries.collection.collectionName);
    await this.guarded(() => ignoringDuplicates(() => collection.insertMany(entries, unorderedWrite())));
  }

  /** An empty collection with the history's indexes, to be filled and put in the history's place. */
  async startRebuild(): Promise<Rebuild> {
    const { db } = this.entries;
    const name = `${this.entries.collection.collectionName}_rebuild`;
    const next = db.collection<HistoryEntry>(name);
    await next.drop();
    for (const [keys, options] of HistoryEntrySchema.indexes()) {
      await next.createIndex(keys as Record<string, 1 | -1>, { name: options.name });
    }
    return {
      insert: async (entries) => {
        await next.insertMany(entries, unorderedWrite());
      },
      finish: async () => {
        await next.rename(this.entries.collection.collectionName, { dropTarget: true });
      },
    };
  }

  async forgetUser(userId: string): Promise<void> {
    await this.entries.deleteMany({ userId });
  }

  /** What the history holds of each account. */
  async totals(accountIds: string[]): Promise<Map<string, AccountTotals>> {
    const rows = await this.guarded(() =>
      this.entries.aggregate<{ _id: string; count: number; lastSeq: number; sum: bigint | number; lastHash: string }>([
        { $match: { accountId: { $in: accountIds } } },
        { $sort: { accountId: 1, seq: 1 } },
        {
          $group: {
            _id: '$accountId',
            count: { $sum: 1 },
            lastSeq: { $last: '$seq' },
            sum: { $sum: '$deltaMinor' },
            lastHash: { $last: '$hash' },
          },
        },
      ]),
    );
    return new Map(
      rows.map(({ _id: accountId, count, lastSeq, sum, lastHash }) => [
        accountId,
        { accountId, count, lastSeq, sumMinor: BigInt(sum), lastHash },
      ]),
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

  /** A store that is away is said so. */
  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isAway(error)) throw new UnavailableError('The history', error);
      throw error;
    }
  }
}

function conditions(filter: HistoryFilter, after?: HistoryPosition): QueryFilter<HistoryEntry> {
  const { userId, accountId, currency, kind, from, to, leastMinor, mostMinor } = filter;
  return {
    userId,
    ...(accountId && { accountId }),
    ...(currency && { currency }),
    ...(kind && { kind }),
    ...((from ?? to) && { recordedAt: { ...(from && { $gte: from }), ...(to && { $lt: to }) } }),
    ...((leastMinor ?? mostMinor) !== undefined && {
      deltaMinor: {
        ...(leastMinor !== undefined && { $gte: leastMinor }),
        ...(mostMinor !== undefined && { $lte: mostMinor }),
      },
    }),
    ...(after && {
      $or: [
        { recordedAt: { $lt: after.recordedAt } },
        { recordedAt: after.recordedAt, accountId: { $lt: after.accountId } },
        { recordedAt: after.recordedAt, accountId: after.accountId, seq: { $lt: after.seq } },
      ],
    }),
  };
}

/** The server's own word for having taken longer than `maxTimeMS`. */
const MAX_TIME_EXPIRED = 50;

/** Everything the driver throws while the server cannot be reached or does not answer in time. */
function isAway(error: unknown): boolean {
  const { name = '', code } = error as { name?: string; code?: unknown };
  if (code === MAX_TIME_EXPIRED) return true;
  // Of many writes: what the server refuses has the server's code, a lost connection has none.
  if (name === 'MongoBulkWriteError') return code === undefined;
  return /^(MongoNetwork|MongoServerSelection|MongoTopologyClosed|MongoNotConnected|MongoPool|MongoWaitQueue|MongoExpiredSession|MongooseServerSelection|MongooseError|MongoOperationTimeout)/.test(
    name,
  );
}
