import { trace } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTracing } from '#libs/testing';
import { BooksLab, credit } from '../../test/money/books-lab.js';
import { InsufficientFundsError } from '../ledger/ledger.errors.js';
import { QuoteExpiredError, QuoteNotFoundError } from '../quotes/quote.errors.js';
import { QuotesRepository } from '../quotes/quotes.repository.js';
import { QuotesService } from '../quotes/quotes.service.js';
import { ConversionsRepository } from './conversions.repository.js';
import { ConversionsService } from './conversions.service.js';

interface Holder {
  userId: string;
  walletId: string;
  quoteId: string;
}

describe('conversions asked for at the same time', () => {
  let lab: BooksLab;
  let stopTracing: () => Promise<void>;
  let conversions: ConversionsService;
  beforeAll(async () => {
    stopTracing = startTracing();
    lab = await BooksLab.open();
    // Rates and currencies have no part in what is quoted already.
    const quotes = new QuotesService(new QuotesRepository(lab.unitOfWork), undefined as never, undefined as never);
    const repository = new ConversionsRepository(lab.unitOfWork);
    conversions = new ConversionsService(lab.unitOfWork, repository, lab.outbox, quotes, lab.accounts, lab.ledger);
    await lab.sql.query(
      `WITH fetched AS (INSERT INTO rate_fetches (provider, status) VALUES ('test', 'accepted') RETURNING id)
       INSERT INTO rate_sets (id, fetch_id, provider, published_at) SELECT gen_random_uuid(), id, 'test', now() FROM fetched`,
    );
  });
  afterAll(async () => {
    await lab.close();
    await stopTracing();
  });

  /** A user with ten dollars, a wallet in euros if so wanted, and a quote for one dollar. */
  async function holder(euros = true): Promise<Holder> {
    const { userId, walletId } = await lab.wallet(1_000n);
    if (euros) await lab.accounts.wallet(userId, 'EUR');
    const rows = await lab.rows<{ id: string }>(
      `INSERT INTO quotes (id, user_id, from_currency, to_currency, amount_in, spread, amount_out, rate, rate_set_id, expires_at)
       SELECT gen_random_uuid(), $1, 'USD', 'EUR', 100, 1, 90, '0.9', id, now() + interval '1 hour' FROM rate_sets RETURNING id`,
      [userId],
    );
    return { userId, walletId, quoteId: rows[0]!.id };
  }

  const holders = (count: number): Promise<Holder[]> => Promise.all(Array.from({ length: count }, () => holder()));
  const convert = ({ userId, quoteId }: Holder) => conversions.convert(userId, quoteId);
  const balances = (all: Holder[]) => Promise.all(all.map(({ userId, walletId }) => lab.balance(userId, walletId)));

  /** In how many database transactions these quotes were spent, and how many postings that made. */
  async function cost(all: Holder[]): Promise<{ transactions: number; postings: number }> {
    const [row] = await lab.rows<{ transactions: number; postings: number }>(
      `SELECT count(DISTINCT xmin::text)::int AS transactions, count(*)::int AS postings FROM ledger_transactions WHERE source_id = ANY($1)`,
      [all.map(({ quoteId }) => quoteId)],
    );
    return row!;
  }

  it('share a transaction, and each user gets what was quoted', async () => {
    const all = await holders(10);
    const made = await Promise.all(all.map(convert));
    expect(await cost(all)).toEqual({ transactions: 1, postings: 10 });
    expect(await balances(all)).toEqual(all.map(() => 900n));
    const rows = await lab.rows<{ id: string; transaction_id: string }>(
      `SELECT id, transaction_id FROM quotes WHERE status = 'used' AND id = ANY($1)`,
      [all.map(({ quoteId }) => quoteId)],
    );
    const spent = new Map(rows.map((row) => [row.id, row.transaction_id]));
    expect(made.map(({ quote, transactionId }) => spent.get(quote.id) === transactionId)).toEqual(all.map(() => true));
    const [news] = await lab.rows<{ count: number }>(
      `SELECT count(*)::int FROM outbox WHERE envelope -> 'payload' ->> 'transactionId' = ANY($1)`,
      [made.map(({ transactionId }) => transactionId)],
    );
    expect(news!.count).toBe(all.length);
  });

  it('keep each the trace of who asked for it', async () => {
    const all = await holders(4);
    const made = await Promise.all(
      all.map((one) =>
        trace.getTracer('test').startActiveSpan('request', async (span) => {
          const { transactionId } = await convert(one);
          span.end();
          return [transactionId, span.spanContext().traceId] as const;
        }),
      ),
    );
    const rows = await lab.rows<{ aggregate_id: string; traceparent: string }>(
      'SELECT aggregate_id, traceparent FROM outbox WHERE aggregate_id = ANY($1)',
      [made.map(([transactionId]) => transactionId)],
    );
    const traces = rows.map(({ aggregate_id: id, traceparent }) => [id, traceparent.split('-')[1]] as const);
    expect(new Map(traces)).toEqual(new Map(made));
    expect(await cost(all)).toEqual({ transactions: 1, postings: 4 });
  });

  it('are refused one by one: what one may not do is done for the others', async () => {
    const [poor, late, stranger, unopened, ...good] = [
      ...(await holders(3)),
      await holder(false),
      ...(await holders(3)),
    ];
    await lab.ledger.post({
      ...credit(poor!.userId, poor!.walletId, 950n),
      legs: [
        {
          code: 'spent',
          debit: `account:${poor!.walletId}`,
          credit: 'system:revenue',
          currency: 'USD',
          amountMinor: 950n,
        },
      ],
    });
    await lab.sql.query('UPDATE quotes SET expires_at = now() WHERE id = $1', [late!.quoteId]);
    const asked = [poor!, late!, { ...good[0]!, userId: stranger!.userId }, unopened!, ...good];
    const results = await Promise.allSettled(asked.map(convert));
    const reasons = results.map((result) => (result.status === 'rejected' ? (result.reason as unknown) : undefined));
    expect(reasons[0]).toBeInstanceOf(InsufficientFundsError);
    expect(reasons[1]).toBeInstanceOf(QuoteExpiredError);
    expect(reasons[2]).toBeInstanceOf(QuoteNotFoundError);
    expect(reasons.slice(3)).toEqual([undefined, undefined, undefined, undefined]);
    expect(await balances([poor!, late!, stranger!, unopened!, ...good])).toEqual([
      50n,
      1_000n,
      1_000n,
      900n,
      900n,
      900n,
      900n,
    ]);
    expect(await cost(good)).toEqual({ transactions: 1, postings: 3 });
    const [quote] = await lab.rows<{ status: string }>('SELECT status FROM quotes WHERE id = $1', [poor!.quoteId]);
    expect(quote).toEqual({ status: 'open' });
  });

  it.each(['account_balances', 'quotes'])('do not wait for another user, whose %s row is locked', async (table) => {
    const [locked, ...free] = await holders(4);
    const other = await lab.sql.connect();
    await other.query('BEGIN');
    await other.query(`SELECT 1 FROM ${table} WHERE user_id = $1 FOR UPDATE`, [locked!.userId]);
    const waiting = convert(locked!);
    await Promise.all(free.map(convert));
    expect(await balances(free)).toEqual([900n, 900n, 900n]);
    expect(await cost([locked!])).toEqual({ transactions: 0, postings: 0 });
    await other.query('COMMIT');
    other.release();
    await waiting;
    expect(await balances([locked!])).toEqual([900n]);
  });

  it('under one quote are one, and all hear of it', async () => {
    const [same, ...rest] = await holders(3);
    const made = await Promise.all([same!, same!, same!, ...rest].map(convert));
    expect(new Set(made.slice(0, 3).map(({ transactionId }) => transactionId)).size).toBe(1);
    expect(await cost([same!])).toEqual({ transactions: 1, postings: 1 });
    expect(await balances([same!, ...rest])).toEqual([900n, 900n, 900n]);
  });

  it("are the owner's alone, however many others ask for them at the same time", async () => {
    const [owner, ...others] = await holders(7);
    const asked = others.map(({ userId }) => ({ ...owner!, userId }));
    const results = await Promise.allSettled([...asked.slice(0, 3), owner!, ...asked.slice(3)].map(convert));
    const reasons = results.map((result) => (result.status === 'rejected' ? (result.reason as unknown) : undefined));
    expect(reasons.splice(3, 1)).toEqual([undefined]);
    for (const reason of reasons) expect(reason).toBeInstanceOf(QuoteNotFoundError);
    expect(await balances([owner!, ...others])).toEqual([900n, ...others.map(() => 1_000n)]);
  });

  it('that were made before, which the quotes no longer say, are told of and not made again', async () => {
    const all = await holders(3);
    const made = await Promise.all(all.map(convert));
    await lab.sql.query(`UPDATE quotes SET status = 'open', transaction_id = NULL WHERE id = ANY($1)`, [
      all.map(({ quoteId }) => quoteId),
    ]);
    const again = await Promise.all(all.map(convert));
    expect(again.map(({ transactionId }) => transactionId)).toEqual(made.map(({ transactionId }) => transactionId));
    expect(await balances(all)).toEqual([900n, 900n, 900n]);
  });

  it('of one user follow each other in the same books', async () => {
    const { userId, walletId, quoteId } = await holder();
    const rows = await lab.rows<{ id: string }>(
      `INSERT INTO quotes (id, user_id, from_currency, to_currency, amount_in, spread, amount_out, rate, rate_set_id, expires_at)
       SELECT gen_random_uuid(), user_id, from_currency, to_currency, 200, 2, 180, rate, rate_set_id, expires_at
         FROM quotes, generate_series(1, 5) WHERE id = $1 RETURNING id`,
      [quoteId],
    );
    // One dollar, and five times two: for the last there is not enough.
    const ids = [quoteId, ...rows.map(({ id }) => id)];
    const results = await Promise.allSettled(ids.map((id) => conversions.convert(userId, id)));
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    const seqs = await lab.rows<{ seq: string }>('SELECT seq FROM ledger_entries WHERE account_id = $1 ORDER BY seq', [
      walletId,
    ]);
    expect(seqs.map(({ seq }) => Number(seq))).toEqual(seqs.map((_, index) => index + 1));
    expect(await lab.balance(userId, walletId)).toBeGreaterThanOrEqual(0n);
  });
});
