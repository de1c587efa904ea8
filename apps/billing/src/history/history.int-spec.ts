import { randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { getModelToken, MongooseModule } from '@nestjs/mongoose';
import { Test } from '@nestjs/testing';
import { type Model, mongo as driver } from 'mongoose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Facts, parseEnvelope, type PostingRecordedV1, type PostingRecordedV2 } from '#libs/contracts';
import { DatabaseModule } from '#libs/database';
import type { Received } from '#libs/messaging';
import { createTestMongoDatabase, type TestMongoDatabase, TestProxy } from '#libs/testing';
import { BooksLab, credit, spend } from '../../test/money/books-lab.js';
import { historyConnection } from './history-connection.js';
import { HistoryConsumer } from './history.consumer.js';
import { fromCursor } from './history-cursor.js';
import { HistoryEntry } from './history-entry.schema.js';
import { HistoryRepository } from './history.repository.js';
import { HistoryService } from './history.service.js';
import { HistoryStoreModule } from './history-store.module.js';
import { RebuildHistoryService } from './rebuild-history.service.js';

describe('the history', () => {
  let lab: BooksLab;
  let mongo: TestMongoDatabase;
  let proxy: TestProxy;
  let app: INestApplicationContext;
  let entries: Model<HistoryEntry>;
  let history: HistoryService;
  let rebuilding: RebuildHistoryService;

  beforeAll(async () => {
    lab = await BooksLab.open();
    mongo = createTestMongoDatabase();
    proxy = await TestProxy.before(mongo.url);
    const module = await Test.createTestingModule({
      imports: [
        DatabaseModule.forRoot({ url: lab.database.appUrl, entities: [], applicationName: 'history lab' }),
        MongooseModule.forRootAsync({
          useFactory: () => ({
            ...historyConnection(proxy.url),
            lazyConnection: false,
            serverSelectionTimeoutMS: 1_000,
            socketTimeoutMS: 2_000,
            monitorCommands: true,
          }),
        }),
        HistoryStoreModule,
      ],
      providers: [HistoryConsumer, HistoryService],
    }).compile();
    app = await module.init();
    entries = app.get(getModelToken(HistoryEntry.name));
    await entries.init();
    history = app.get(HistoryService);
    rebuilding = app.get(RebuildHistoryService);
  });
  afterAll(async () => {
    proxy.up();
    await app.close();
    await proxy.close();
    await mongo.drop();
    await lab.close();
  });

  /** Delivers what lies in the outbox about a user, as the broker would. */
  async function deliver(userId: string, times = 1, shuffle = false): Promise<void> {
    const rows = await eventsOf(userId);
    const all = Array.from({ length: times }, () => rows).flat();
    if (shuffle) all.sort(() => Math.random() - 0.5);
    await consume(all);
  }

  const deliverLast = async (userId: string): Promise<void> => consume((await eventsOf(userId)).slice(-1));

  async function eventsOf(userId: string): Promise<{ envelope: string }[]> {
    return lab.rows(
      `SELECT envelope::text FROM outbox WHERE envelope::jsonb -> 'payload' ->> 'userId' = $1 ORDER BY id`,
      [userId],
    );
  }

  async function consume(all: { envelope: string }[]): Promise<void> {
    const consumer = app.get(HistoryConsumer);
    await Promise.all(
      all.map(({ envelope }) => {
        const { payload, ...rest } = parseEnvelope(envelope);
        return consumer.onPosting({ ...rest, payload, attempt: 1 } as Received<PostingRecordedV2>);
      }),
    );
  }

  /** A user with so many movements. */
  async function newUser(movements: number): Promise<{ userId: string; walletId: string }> {
    const user = await lab.wallet(1_000n);
    for (let i = 1; i < movements; i++) await lab.ledger.post(spend(user.userId, user.walletId, BigInt(i)));
    return user;
  }

  it('holds each line once, however often and in whatever order it is delivered', async () => {
    const { userId, walletId } = await newUser(8);
    await deliver(userId, 3, true);
    const found = await entries.find({ userId }).sort({ seq: 1 }).lean();
    expect(found.map((entry) => entry.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(BigInt(found[7]!.balanceAfterMinor)).toBe(await lab.balance(userId, walletId));
    expect(await rebuilding.verify()).toMatchObject({ differences: [] });
  });

  it('pages through everything without a gap or a repetition, also among equal times', async () => {
    const { userId } = await newUser(23);
    await deliver(userId);
    await entries.updateMany({ userId }, { recordedAt: new Date('2026-01-01T00:00:00Z') });
    const seen: number[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await history.page({ userId }, 5, cursor ? fromCursor(cursor) : undefined);
      seen.push(...page.entries.map((entry) => entry.seq));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(Array.from({ length: 23 }, (_, i) => 23 - i));
    await rebuilding.rebuildUser(userId);
  });

  it('takes what a release before has recorded, line by line, as what is recorded now', async () => {
    const { userId } = await newUser(3);
    await deliver(userId);
    const now = await entries.find({ userId }).sort({ seq: 1 }).lean();
    await entries.deleteMany({ userId });
    const consumer = app.get(HistoryConsumer);
    for (const { envelope } of await eventsOf(userId)) {
      const { payload, ...rest } = JSON.parse(envelope) as { payload: Facts<PostingRecordedV2> };
      const { entries: lines, ...transaction } = payload;
      for (const line of lines as object[]) {
        const before = {
          ...rest,
          payload: { ...transaction, ...line },
          attempt: 1,
        } as unknown as Received<PostingRecordedV1>;
        await consumer.onLine(before);
        await consumer.onLine(before);
      }
    }
    expect(await entries.find({ userId }).sort({ seq: 1 }).lean()).toEqual(now);
  });

  it('finds by account, kind, currency and time', async () => {
    const { userId, walletId } = await newUser(3);
    const { id: other } = await lab.accounts.wallet(userId, 'EUR');
    await lab.ledger.post(credit(userId, other, 5n, 'EUR'));
    await deliver(userId);
    const count = async (filter: object): Promise<number> =>
      (await history.page({ userId, ...filter }, 50)).entries.length;
    expect(await count({ accountId: walletId })).toBe(3);
    expect(await count({ kind: 'purchase' })).toBe(2);
    expect(await count({ currency: 'EUR' })).toBe(1);
    expect(await count({ from: new Date(Date.now() + 60_000) })).toBe(0);
    expect(await count({ to: new Date(Date.now() + 60_000) })).toBe(4);
    expect(await count({ userId: randomUUID() })).toBe(0);
  });

  it('dropped and rebuilt is what it was', async () => {
    const { userId } = await newUser(5);
    await deliver(userId);
    await rebuilding.rebuild();
    const before = await entries.find().sort({ _id: 1 }).lean();
    await entries.collection.drop();
    expect((await rebuilding.verify()).differences.length).toBeGreaterThan(0);
    expect(await rebuilding.rebuild()).toBe(before.length);
    expect(await entries.find().sort({ _id: 1 }).lean()).toEqual(before);
    expect(await rebuilding.verify()).toMatchObject({ differences: [] });
    const indexes = await entries.collection.indexes();
    expect(indexes).toHaveLength(4);
  });

  it('rebuilt has the lines of every account, however many there are', async () => {
    await Promise.all(Array.from({ length: 250 }, () => lab.wallet(1n)));
    const [ledger] = await lab.rows<{ lines: number }>('SELECT count(*)::int AS lines FROM ledger_entries');
    expect(await rebuilding.rebuild()).toBe(ledger!.lines);
    expect(await entries.countDocuments()).toBe(ledger!.lines);
    expect(await rebuilding.verify()).toMatchObject({ differences: [] });
  });

  it('rebuilt has what was booked and delivered meanwhile, to an account new or copied already', async () => {
    const { userId, walletId } = await newUser(3);
    await deliver(userId);
    const repository = app.get(HistoryRepository);
    const start = repository.startRebuild.bind(repository);
    let late: { userId: string } | undefined;
    const began = vi.spyOn(repository, 'startRebuild').mockImplementation(async () => {
      const rebuild = await start();
      const finish = async (): Promise<void> => {
        late = await newUser(2);
        await lab.ledger.post(spend(userId, walletId, 1n));
        await deliver(late.userId);
        await deliverLast(userId);
        await rebuild.finish();
      };
      return { ...rebuild, finish };
    });
    await rebuilding.rebuild();
    began.mockRestore();
    expect(await entries.countDocuments({ userId })).toBe(4);
    expect(await entries.countDocuments({ userId: late!.userId })).toBe(2);
    expect(await rebuilding.verify()).toMatchObject({ differences: [] });
  });

  it('rebuilt has nothing of a rebuild that was killed on its way', async () => {
    const { userId, walletId } = await newUser(2);
    await deliver(userId);
    const [line] = await entries.find({ userId, seq: 1 }).lean();
    const killed = await app.get(HistoryRepository).startRebuild();
    await killed.insert([line!, Object.assign(new HistoryEntry(), line, { _id: `${walletId}:9`, seq: 9 })]);
    await rebuilding.rebuild();
    expect(await entries.countDocuments({ userId })).toBe(2);
    expect(await rebuilding.verify()).toMatchObject({ differences: [] });
  });

  it('is told nothing is written before it is in the journal, so that a killed server loses nothing', async () => {
    const { userId } = await newUser(2);
    const concerns: Record<string, Set<unknown>> = {};
    const note = ({ commandName, command }: driver.CommandStartedEvent): void => {
      if (/^(update|insert|delete)$/.test(commandName))
        (concerns[commandName] ??= new Set<unknown>()).add(command.writeConcern?.j);
    };
    const client = entries.db.getClient().on('commandStarted', note);
    await deliver(userId);
    await rebuilding.rebuildUser(userId);
    await rebuilding.rebuild();
    client.off('commandStarted', note);
    const journaled = new Set([true]);
    expect(concerns).toEqual({ insert: journaled, delete: journaled });
  });

  it('rebuilt holds what was delivered and what is read from the ledger alike', async () => {
    const { userId } = await newUser(4);
    await deliver(userId);
    const delivered = await entries.find({ userId }).sort({ _id: 1 }).lean();
    await rebuilding.rebuildUser(userId);
    const rebuilt = await entries.find({ userId }).sort({ _id: 1 }).lean();
    expect(rebuilt).toEqual(delivered);
  });

  it('is compared with the ledger account by account: a line that is missing, changed or too much is named', async () => {
    const { userId, walletId } = await newUser(4);
    await deliver(userId);
    const id = `${walletId}:2`;
    const difference = async (): Promise<string | undefined> =>
      (await rebuilding.verify()).differences.find(({ accountId }) => accountId === walletId)?.difference;
    expect(await difference()).toBeUndefined();
    await entries.updateOne({ _id: id }, { deltaMinor: -2n });
    expect(await difference()).toMatch(/^sum/);
    await entries.updateOne({ _id: id }, { deltaMinor: -1n });
    const last = { _id: `${walletId}:4` };
    const { hash } = (await entries.findOne(last).lean())!;
    await entries.updateOne(last, { hash: 'ff' });
    expect(await difference()).toBe('another last hash');
    await entries.updateOne(last, { hash, seq: 5 });
    expect(await difference()).toBe('last sequence 4 in the ledger, 5 in the history');
    await entries.deleteOne({ _id: id });
    expect(await difference()).toBe('4 entries in the ledger, 3 in the history');
    await rebuilding.rebuildUser(userId);
    expect(await difference()).toBeUndefined();
  });

  it('that was restored from an old backup is found out and level again after a rebuild', async () => {
    const { userId, walletId } = await newUser(4);
    await deliver(userId);
    const backup = await entries.find({ userId }).lean();
    await lab.ledger.post(spend(userId, walletId, 1n));
    await lab.ledger.post(spend(userId, walletId, 2n));
    await deliver(userId);
    await entries.deleteMany({ userId });
    await entries.insertMany(backup);
    await lab.ledger.post(spend(userId, walletId, 3n));
    await deliverLast(userId);
    const seqs = async () => (await entries.find({ userId }).sort({ seq: 1 }).lean()).map(({ seq }) => seq);
    expect(await seqs()).toEqual([1, 2, 3, 4, 7]);
    const { differences } = await rebuilding.verify();
    expect(differences).toEqual([{ accountId: walletId, difference: '7 entries in the ledger, 5 in the history' }]);
    await rebuilding.rebuild();
    expect(await seqs()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await rebuilding.verify()).toMatchObject({ differences: [] });
  });

  it('that is away gives the newest page from the ledger, says so, and refuses the others', async () => {
    const { userId } = await newUser(7);
    await deliver(userId);
    const asHistory = await history.pageOrNewest({ userId }, 5);
    proxy.down();
    try {
      const asLedger = await history.pageOrNewest({ userId }, 5);
      expect(asLedger.source).toBe('ledger');
      expect(asLedger.entries.map((entry) => entry._id)).toEqual(asHistory.entries.map((entry) => entry._id));
      expect(asLedger.nextCursor).toBe(asHistory.nextCursor);
      const next = history.pageOrNewest({ userId }, 5, fromCursor(asHistory.nextCursor!));
      await expect(next).rejects.toMatchObject({ kind: 'unavailable' });
      await expect(deliver(userId)).rejects.toMatchObject({ kind: 'unavailable' });
    } finally {
      proxy.up();
    }
    const back = await history.pageOrNewest({ userId }, 5);
    expect(back).toMatchObject({ source: 'history', nextCursor: asHistory.nextCursor });
  });

  it('takes what arrives together by one command', async () => {
    const { userId } = await newUser(12);
    const insert = vi.spyOn(entries.collection, 'insertMany');
    await deliver(userId);
    expect(insert).toHaveBeenCalledTimes(1);
    insert.mockRestore();
    expect(await entries.countDocuments({ userId })).toBe(12);
  });

  it('that does not answer in time is away, however often that happens', async () => {
    const { userId } = await newUser(1);
    const slow = new driver.MongoServerError({ message: 'operation exceeded time limit', code: 50 });
    const insert = vi.spyOn(entries.collection, 'insertMany').mockRejectedValue(slow);
    await expect(deliver(userId)).rejects.toMatchObject({ kind: 'unavailable' });
    insert.mockRestore();
    await deliver(userId);
  });

  it('looks at no more lines for a page far back than for the first', async () => {
    const userId = randomUUID();
    const accountId = randomUUID();
    const line = {
      userId,
      accountId,
      transactionId: randomUUID(),
      kind: 'top_up',
      currency: 'USD',
      hash: 'h',
      previousHash: 'p',
    };
    await entries.insertMany(
      Array.from({ length: 3_000 }, (_, i) => ({
        ...line,
        _id: `${accountId}:${i + 1}`,
        seq: i + 1,
        deltaMinor: 1n,
        balanceAfterMinor: BigInt(i + 1),
        recordedAt: new Date(1_700_000_000_000 + Math.floor(i / 7)),
        legs: [],
        meta: {},
      })),
    );
    const asked = vi.spyOn(entries, 'find');
    for (const seq of [3_000, 1_500, 40]) {
      const recordedAt = new Date(1_700_000_000_000 + Math.floor((seq - 1) / 7));
      const page = await history.page({ userId }, 20, { recordedAt, accountId, seq });
      expect(page.entries[0]!.seq).toBe(seq - 1);
      const { executionStats } = (await entries
        .find(asked.mock.lastCall![0]!)
        .sort({ recordedAt: -1, accountId: -1, seq: -1 })
        .limit(21)
        .explain('executionStats')) as unknown as { executionStats: Record<string, number> };
      expect(executionStats['totalDocsExamined']).toBeLessThanOrEqual(42);
      expect(executionStats['totalKeysExamined']).toBeLessThanOrEqual(84);
    }
    await entries.deleteMany({ userId });
  });
});
