import { createHash } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { getModelToken, MongooseModule } from '@nestjs/mongoose';
import { Test } from '@nestjs/testing';
import type { Model } from 'mongoose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DatabaseModule, UnitOfWork } from '#libs/database';
import { campaignSize, createTestMongoDatabase, type TestMongoDatabase } from '#libs/testing';
import { BooksLab } from '../../test/money/books-lab.js';
import { fromCursor } from './history-cursor.js';
import { HistoryEntry } from './history-entry.schema.js';
import { HistoryService } from './history.service.js';
import { HistoryStoreModule } from './history-store.module.js';
import { LedgerEntriesRepository } from './ledger-entries.repository.js';
import { RebuildHistoryService } from './rebuild-history.service.js';

/** Full size: `HISTORY_CAMPAIGN=200000 npm test history-size`. */
const MANY = Math.floor(campaignSize('HISTORY_CAMPAIGN') / 2);
const USERS = 10;
const POSTINGS_AT_ONCE = 100;
const PAGE = 50;
const PAGES_EXPLAINED = 25;
/** An entry, the one before it, its transaction and its legs: each by an index of at most four levels. */
const BLOCKS_PER_ENTRY = 20;

/** Upserts and inserts store the same fields in another order. */
function canonical(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe(`a history of ${2 * MANY} postings, half of them one user's`, () => {
  let lab: BooksLab;
  let mongo: TestMongoDatabase;
  let app: INestApplicationContext;
  let entries: Model<HistoryEntry>;
  let history: HistoryService;
  let rebuilding: RebuildHistoryService;
  let users: { userId: string; walletId: string }[];

  beforeAll(async () => {
    lab = await BooksLab.open();
    mongo = createTestMongoDatabase();
    const module = await Test.createTestingModule({
      imports: [
        DatabaseModule.forRoot({ url: lab.database.appUrl, entities: [], applicationName: 'history lab' }),
        MongooseModule.forRoot(mongo.url),
        HistoryStoreModule,
      ],
      providers: [HistoryService],
    }).compile();
    app = await module.init();
    entries = app.get(getModelToken(HistoryEntry.name));
    await entries.init();
    history = app.get(HistoryService);
    rebuilding = app.get(RebuildHistoryService);
    users = await Promise.all(Array.from({ length: USERS }, () => lab.wallet(0n)));
    await post(users[0]!, MANY);
    for (const user of users.slice(1)) await post(user, Math.ceil(MANY / (USERS - 1)));
  }, 900_000);
  afterAll(async () => {
    await app.close();
    await mongo.drop();
    await lab.close();
  });

  /** By the ledger's own function, many in one call. */
  async function post({ userId, walletId }: { userId: string; walletId: string }, count: number): Promise<void> {
    for (let done = 0; done < count; done += POSTINGS_AT_ONCE) {
      await lab.sql.query(
        `SELECT post_transactions((SELECT jsonb_agg(jsonb_build_object('userId', $1::text, 'transactionId', gen_random_uuid(),
             'kind', 'top_up', 'key', n, 'hash', 'aa', 'sourceType', 'test', 'sourceId', n, 'actor', 'test',
             'legs', jsonb_build_array(jsonb_build_object('code', 'capture', 'debitSystem', 'psp_clearing',
               'creditAccount', $2::text, 'currency', 'USD', 'amount', n::text))))
           FROM generate_series($3::int, $4::int) AS n))`,
        [userId, walletId, done + 1, Math.min(done + POSTINGS_AT_ONCE, count)],
      );
    }
  }

  /** Of everything in the history, in one order. */
  async function digest(): Promise<{ count: number; hash: string }> {
    const hash = createHash('sha256');
    let count = 0;
    for await (const entry of entries.find().sort({ accountId: 1, seq: 1 }).lean().cursor()) {
      hash.update(JSON.stringify(entry, canonical));
      count += 1;
    }
    return { count, hash: hash.digest('hex') };
  }

  it('dropped and rebuilt is what it was', async () => {
    for (const { userId } of users) await rebuilding.rebuildUser(userId);
    const original = await digest();
    expect(original.count).toBeGreaterThanOrEqual(2 * MANY);
    await entries.collection.drop();
    expect((await rebuilding.verify()).differences).toHaveLength(USERS);
    expect(await rebuilding.rebuild()).toBe(original.count);
    expect(await digest()).toEqual(original);
    expect(await rebuilding.verify()).toEqual({ accounts: USERS, differences: [] });
  }, 900_000);

  it('is read from the ledger at the same cost wherever in an account', async () => {
    // As the server comes to know of itself sooner or later: what it knows decides how it reads.
    await lab.sql.query('ANALYZE');
    const read = vi.spyOn(app.get(UnitOfWork).manager, 'query');
    const ledger = app.get(LedgerEntriesRepository);
    for (const after of [0, Math.floor(MANY / 2), MANY - PAGE]) {
      expect(await ledger.ofAccount(users[0]!.walletId, after, PAGE)).toHaveLength(PAGE);
      const [text, values] = read.mock.lastCall as [string, unknown[]];
      const { rows } = await lab.sql.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
        `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
        values,
      );
      const [{ Plan: plan }] = rows[0]!['QUERY PLAN'];
      expect(plan['Shared Hit Blocks']! + plan['Shared Read Blocks']!).toBeLessThan(BLOCKS_PER_ENTRY * PAGE);
    }
    read.mockRestore();
  });

  it('gives every page from an index at the same cost, and all of them together are everything', async () => {
    const { userId } = users[0]!;
    const find = vi.spyOn(entries, 'find');
    const pages = Math.ceil(MANY / PAGE);
    const explainEvery = Math.ceil(pages / PAGES_EXPLAINED);
    const examined: number[] = [];
    let next = MANY;
    let page = 0;
    for (let cursor: string | null | undefined; cursor !== null; page++) {
      const found = await history.page({ userId }, PAGE, cursor ? fromCursor(cursor) : undefined);
      for (const { seq } of found.entries) expect(seq).toBe(next--);
      cursor = found.nextCursor;
      if (page % explainEvery > 0) continue;
      const plan = (await entries
        .find(find.mock.lastCall![0]!)
        .sort({ recordedAt: -1, accountId: -1, seq: -1 })
        .limit(PAGE + 1)
        .explain('executionStats')) as unknown as { executionStats: { totalDocsExamined: number } };
      expect(JSON.stringify(plan.executionStats)).not.toMatch(/"stage":"(COLLSCAN|SORT|SKIP)"/);
      examined.push(plan.executionStats.totalDocsExamined);
    }
    expect(next).toBe(0);
    expect(page).toBe(pages);
    expect(examined.length).toBeGreaterThan(Math.min(pages, PAGES_EXPLAINED) / 2);
    expect(Math.max(...examined)).toBeLessThanOrEqual(2 * (PAGE + 1));
  }, 900_000);
});
