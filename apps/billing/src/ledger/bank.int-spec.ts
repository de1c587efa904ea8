import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DomainError } from '#libs/errors';
import type { BillingConfig } from '../billing.config.js';
import { BooksService } from '../books/books.service.js';
import { BooksLab, credit, spend } from '../../test/money/books-lab.js';
import type { PostingRequest } from './ledger.js';

const CLIENTS = 16;
const USERS = 20;
/** What has to have happened before the sums count, however long the machine takes for it. */
const ENOUGH = { done: 1_000, unknown: 25, snapshots: 50, refused: 10 };
const DEADLINE_MS = 120_000;
/** So many that were done are asked for again, as if their answers had been lost. */
const AS_IF_UNHEARD = 100;

/** The bank test: many post at once, connections die at random, and whoever adds everything up at any moment gets zero. */
describe('a bank under fire', () => {
  let lab: BooksLab;
  let wallets: { userId: string; usd: string; eur: string }[];
  beforeAll(async () => {
    lab = await BooksLab.open();
    wallets = await Promise.all(
      Array.from({ length: USERS }, async () => {
        const { userId, walletId: usd } = await lab.wallet(0n);
        return { userId, usd, eur: (await lab.accounts.wallet(userId, 'EUR')).id };
      }),
    );
  });
  afterAll(() => lab.close());

  function anyRequest(): PostingRequest {
    const { userId, usd, eur } = wallets[Math.floor(Math.random() * USERS)]!;
    const amount = BigInt(1 + Math.floor(Math.random() * 500));
    const what = Math.random();
    const gift = (wallet: string, currency: string) => ({
      ...credit(userId, wallet, amount, currency).legs[0]!,
      code: 'gift',
    });
    if (what < 0.45) return { ...credit(userId, usd, amount), legs: [gift(usd, 'USD')] };
    if (what < 0.8) return spend(userId, usd, amount);
    const legs = [spend(userId, usd, amount).legs[0]!, gift(eur, 'EUR')];
    return { ...spend(userId, usd, amount), kind: 'conversion', legs };
  }

  it('neither loses nor makes a cent, in any snapshot; what was told as done is done, and a retry tells what became of the rest', async () => {
    const deadline = Date.now() + DEADLINE_MS;
    const done = new Map<string, { request: PostingRequest; transactionId: string }>();
    const unknown: PostingRequest[] = [];
    let refused = 0;
    let snapshots = 0;
    let broken = false;
    const enough = (): boolean =>
      done.size >= ENOUGH.done &&
      unknown.length >= ENOUGH.unknown &&
      snapshots >= ENOUGH.snapshots &&
      refused >= ENOUGH.refused;
    const goesOn = (): boolean => !broken && !enough() && Date.now() < deadline;

    const client = async (): Promise<void> => {
      while (goesOn()) {
        const request = anyRequest();
        try {
          const { transactionId } = await lab.ledger.post(request);
          done.set(request.idempotencyKey, { request, transactionId });
        } catch (error) {
          if (error instanceof DomainError && error.kind !== 'unavailable') refused += 1;
          else unknown.push(request);
        }
      }
    };

    const reader = async (): Promise<void> => {
      while (goesOn()) {
        const { rows } = await lab.sql.query(
          `SELECT currency, sum(amount)::text AS sum FROM (
             SELECT currency, balance AS amount FROM account_balances
             UNION ALL SELECT currency, amount FROM ledger_transfers WHERE credit_system IS NOT NULL
             UNION ALL SELECT currency, -amount FROM ledger_transfers WHERE debit_system IS NOT NULL) all_sides
            GROUP BY currency HAVING sum(amount) <> 0`,
        );
        broken = rows.length > 0;
        expect(rows).toEqual([]);
        snapshots += 1;
      }
    };

    /** Connections of the service are cut, wherever they happen to be. */
    const nemesis = async (): Promise<void> => {
      while (goesOn()) {
        await lab.sql.query('SELECT pg_sleep(0.15)');
        await lab.sql.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'books lab' AND datname = current_database() AND state <> 'idle' ORDER BY random() LIMIT 2`,
        );
      }
    };

    await Promise.all([...Array.from({ length: CLIENTS }, client), reader(), nemesis()]);
    expect(enough(), JSON.stringify({ done: done.size, unknown: unknown.length, snapshots, refused })).toBe(true);

    const stored = await lab.rows<{ idempotency_key: string; id: string }>(
      'SELECT idempotency_key, id FROM ledger_transactions',
    );
    const byKey = new Map(stored.map((row) => [row.idempotency_key, row.id]));
    for (const [key, { transactionId }] of done) expect(byKey.get(key)).toBe(transactionId);
    const open = new Set(unknown.map((request) => request.idempotencyKey));
    for (const key of byKey.keys()) expect(done.has(key) || open.has(key)).toBe(true);
    // All or nothing: a retry finds what was done, or does it now, or is refused. So it is too when an answer was lost after the commit.
    const unheard = [...done.values()].slice(-AS_IF_UNHEARD).map(({ request }) => request);
    for (const request of [...unknown, ...unheard]) {
      const posted = await lab.ledger.post(request).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'account.insufficient_funds' });
        return undefined;
      });
      if (byKey.has(request.idempotencyKey)) {
        expect(posted).toMatchObject({ replayed: true, transactionId: byKey.get(request.idempotencyKey) });
      }
    }
    const announced = await lab.rows(
      `SELECT envelope #>> '{payload,transactionId}' AS id, json_array_length(envelope #> '{payload,entries}') AS entries
         FROM outbox ORDER BY id`,
    );
    const booked = await lab.rows(
      'SELECT transaction_id::text AS id, count(*)::int AS entries FROM ledger_entries GROUP BY id ORDER BY id',
    );
    expect(announced).toEqual(booked);
    const books = new BooksService({ BILLING_DATABASE_URL: lab.database.appUrl } as BillingConfig);
    const { checks } = await books.verify();
    expect(checks.filter((check) => check.faultCount > 0)).toEqual([]);
  }, 240_000);
});
