import { createHash, randomUUID } from 'node:crypto';
import { trace } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { assertPublishable, parseEnvelope, PostingRecordedV2, routingKeyOf } from '#libs/contracts';
import { startTracing } from '#libs/testing';
import { BooksLab, credit, spend } from '../../test/money/books-lab.js';
import { AccountNotUsableError, InsufficientFundsError, PostingKeyReusedError } from './ledger.errors.js';

interface EntryRow {
  seq: string;
  transaction_id: string;
  leg: number;
  delta: string;
  balance_after: string;
  hash: Buffer;
  micros: string;
}

describe('the ledger', () => {
  let lab: BooksLab;
  let stopTracing: () => Promise<void>;
  beforeAll(async () => {
    stopTracing = startTracing();
    lab = await BooksLab.open();
  });
  afterAll(async () => {
    await lab.close();
    await stopTracing();
  });

  const entries = (walletId: string): Promise<EntryRow[]> =>
    lab.rows<EntryRow>(
      `SELECT seq, transaction_id, leg, delta, balance_after, hash, (extract(epoch FROM created_at) * 1000000)::bigint AS micros
         FROM ledger_entries WHERE account_id = $1 ORDER BY seq`,
      [walletId],
    );

  it('keeps a gapless sequence, a running balance and a hash chain that anyone can compute', async () => {
    const { userId, walletId } = await lab.wallet(1_000n);
    await lab.ledger.post(spend(userId, walletId, 300n));
    await lab.ledger.post(credit(userId, walletId, 5n));
    let hash = createHash('sha256').update(walletId).digest();
    const rows = await entries(walletId);
    expect(rows.map((row) => [row.seq, row.delta, row.balance_after])).toEqual([
      ['1', '1000', '1000'],
      ['2', '-300', '700'],
      ['3', '5', '705'],
    ]);
    for (const row of rows) {
      const text = [walletId, row.seq, row.transaction_id, row.leg, row.delta, row.balance_after, row.micros].join('|');
      hash = createHash('sha256').update(hash).update(text).digest();
      expect(row.hash).toEqual(hash);
    }
  });

  it('posts many transactions by one call, each on its own merits', async () => {
    const [rich, poor] = [await lab.wallet(100n), await lab.wallet(10n)];
    const posted = await lab.postTogether([
      spend(poor.userId, poor.walletId, 50n),
      spend(rich.userId, rich.walletId, 50n),
    ]);
    expect(posted.map((each) => each?.replayed)).toEqual([undefined, false]);
    expect(await lab.balance(poor.userId, poor.walletId)).toBe(10n);
    expect(await lab.balance(rich.userId, rich.walletId)).toBe(50n);
    const news = (walletId: string) =>
      lab.rows(`SELECT 1 FROM outbox WHERE envelope #>> '{payload,entries,0,accountId}' = $1`, [walletId]);
    expect(await news(rich.walletId)).toHaveLength(2);
    expect(await news(poor.walletId)).toHaveLength(1);
  });

  it('announces a posting once, with every entry and its hash, in the transaction that wrote them', async () => {
    const { userId, walletId } = await lab.wallet(250n);
    const { id: euros } = await lab.accounts.wallet(userId, 'EUR');
    const [before] = (await lab.rows<{ hash: string }>(
      `SELECT encode(head_hash, 'hex') AS hash FROM account_balances WHERE account_id = $1`,
      [walletId],
    ))!;
    const { legs, ...request } = spend(userId, walletId, 50n);
    const received = credit(userId, euros, 45n, 'EUR').legs;
    const posted = await lab.ledger.post({ ...request, kind: 'conversion', legs: [...legs, ...legs, ...received] });
    await lab.ledger.post({ ...request, kind: 'conversion', legs: [...legs, ...legs, ...received] });
    const events = await lab.rows<{ aggregate_version: string; payload: Record<string, unknown> }>(
      `SELECT aggregate_version, envelope::jsonb -> 'payload' AS payload FROM outbox WHERE aggregate_id = $1`,
      [posted.transactionId],
    );
    expect(events).toHaveLength(1);
    const hashes = (
      await lab.rows<{ hash: string }>(
        `SELECT encode(hash, 'hex') AS hash FROM ledger_entries WHERE transaction_id = $1 ORDER BY leg, delta`,
        [posted.transactionId],
      )
    ).map(({ hash }) => hash);
    expect(events[0]!.payload).toMatchObject({
      userId,
      kind: 'conversion',
      legs: [{ amountMinor: '50' }, { amountMinor: '50' }, { amountMinor: '45' }],
      entries: [
        { accountId: walletId, seq: 2, deltaMinor: '-50', balanceAfterMinor: '200', previousHash: before!.hash },
        { accountId: walletId, seq: 3, deltaMinor: '-50', balanceAfterMinor: '150', previousHash: hashes[0] },
        { accountId: euros, currency: 'EUR', seq: 1, deltaMinor: '45', balanceAfterMinor: '45', hash: hashes[2] },
      ],
    });
  });

  it('announces what its contract says and nothing else, whatever was posted', async () => {
    const { userId, walletId } = await lab.wallet(500n);
    const meta = { note: 'a "quoted" \u{1F3AC} \\ one' };
    const posted = [
      await lab.ledger.post({ ...credit(userId, walletId, 999_999_999_999n), meta }),
      await trace.getTracer('test').startActiveSpan('request', (span) => {
        span.end();
        return lab.ledger.post(spend(userId, walletId, 1n));
      }),
    ];
    const traces: (string | null)[] = [];
    for (const { transactionId, recordedAt } of posted) {
      const [row] = await lab.rows<{
        message_id: string;
        routing_key: string;
        traceparent: string | null;
        text: string;
      }>('SELECT message_id, routing_key, traceparent, envelope::text AS text FROM outbox WHERE aggregate_id = $1', [
        transactionId,
      ]);
      const { message_id: id, routing_key: key, traceparent, text } = row!;
      const { payload, ...said } = parseEnvelope(text);
      const head = { id, name: 'billing.posting.recorded', version: 2, producer: 'billing', aggregateVersion: 1 };
      expect(said).toMatchObject({ ...head, aggregateId: transactionId, occurredAt: recordedAt.toISOString() });
      expect(said.traceparent ?? null).toBe(traceparent);
      traces.push(traceparent);
      expect(key).toBe(routingKeyOf(PostingRecordedV2));
      const raw = (JSON.parse(text) as { payload: PostingRecordedV2 }).payload;
      expect(payload).toEqual(new PostingRecordedV2(raw));
      expect(() => assertPublishable(new PostingRecordedV2(raw))).not.toThrow();
    }
    expect(
      await lab.rows(`SELECT envelope #> '{payload,meta}' AS meta FROM outbox WHERE aggregate_id = $1`, [
        posted[0]!.transactionId,
      ]),
    ).toEqual([{ meta }]);
    expect(traces).toEqual([null, expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)]);
  });

  it('announces nothing where no account of a user moves', async () => {
    const { userId } = await lab.wallet(0n);
    const { legs, ...request } = spend(userId, randomUUID(), 5n);
    const posted = await lab.ledger.post({ ...request, legs: [{ ...legs[0]!, debit: 'system:psp_clearing' }] });
    expect(posted.replayed).toBe(false);
    expect(await lab.rows('SELECT 1 FROM outbox WHERE aggregate_id = $1', [posted.transactionId])).toEqual([]);
  });

  it('leaves the announcing to a release that does it by itself', async () => {
    const { userId, walletId } = await lab.wallet(500n);
    const transactionId = randomUUID();
    const legs = [{ code: 'paid', debitAccount: walletId, creditSystem: 'revenue', currency: 'USD', amount: '20' }];
    const posting = { userId, transactionId, kind: 'purchase', key: transactionId, hash: 'aa', legs };
    const call = { ...posting, sourceType: 'test', sourceId: transactionId, actor: userId };
    const post = () =>
      lab.rows<{ results: unknown[] }>('SELECT post_transactions($1) AS results', [JSON.stringify([call])]);
    const [before] = await lab.rows<{ hash: string }>(
      `SELECT encode(head_hash, 'hex') AS hash FROM account_balances WHERE account_id = $1`,
      [walletId],
    );
    const line = {
      accountId: walletId,
      currency: 'USD',
      seq: 2,
      delta: '-20',
      balanceAfter: '480',
      previousHash: before!.hash,
    };
    expect((await post())[0]!.results).toMatchObject([{ status: 'posted', transactionId, entries: [line] }]);
    expect((await post())[0]!.results).toMatchObject([{ status: 'replayed', transactionId, entries: [] }]);
    expect(await lab.rows('SELECT 1 FROM outbox WHERE aggregate_id = $1', [transactionId])).toEqual([]);
  });

  it('refuses what the wallet does not hold, says what is missing and leaves no trace', async () => {
    const { userId, walletId } = await lab.wallet(100n);
    const refused = lab.ledger.post(spend(userId, walletId, 130n));
    await expect(refused).rejects.toThrow(InsufficientFundsError);
    await expect(refused).rejects.toMatchObject({ meta: { missing: { amount: '0.30', currency: 'USD' } } });
    expect(await entries(walletId)).toHaveLength(1);
    expect(await lab.rows('SELECT 1 FROM ledger_transactions WHERE user_id = $1', [userId])).toHaveLength(1);
  });

  it('lets no leg take a wallet below zero on the way, even if the sum would fit', async () => {
    const { userId, walletId } = await lab.wallet(100n);
    const legs = [spend(userId, walletId, 150n).legs[0]!, credit(userId, walletId, 100n).legs[0]!];
    await expect(lab.ledger.post({ ...spend(userId, walletId, 1n), legs })).rejects.toThrow(InsufficientFundsError);
  });

  it('gives the last unit to exactly one of fifty', async () => {
    for (let round = 0; round < 5; round++) {
      const { userId, walletId } = await lab.wallet(1n);
      const results = await Promise.allSettled(
        Array.from({ length: 50 }, () => lab.ledger.post(spend(userId, walletId, 1n))),
      );
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
      expect(await lab.balance(userId, walletId)).toBe(0n);
    }
  });

  it('adds fifty parallel credits exactly, without a gap', async () => {
    const { userId, walletId } = await lab.wallet(0n);
    await Promise.all(Array.from({ length: 50 }, (_, i) => lab.ledger.post(credit(userId, walletId, BigInt(i + 1)))));
    expect(await lab.balance(userId, walletId)).toBe(1_275n);
    expect((await entries(walletId)).map((row) => Number(row.seq))).toEqual(
      Array.from({ length: 50 }, (_, i) => i + 1),
    );
  });

  it('posts one key once, however many ask at the same time, and answers all alike', async () => {
    const { userId, walletId } = await lab.wallet(0n);
    const request = credit(userId, walletId, 700n);
    const answers = await Promise.all(Array.from({ length: 40 }, () => lab.ledger.post(request)));
    expect(answers.filter((answer) => !answer.replayed)).toHaveLength(1);
    const shown = answers.map((answer) => ({ ...answer, replayed: true }));
    for (const answer of shown) expect(answer).toEqual(shown[0]);
    expect(await lab.balance(userId, walletId)).toBe(700n);
  });

  it('refuses a used key with other content', async () => {
    const { userId, walletId } = await lab.wallet(0n);
    const request = credit(userId, walletId, 700n);
    await lab.ledger.post(request);
    const other = { ...credit(userId, walletId, 701n, 'USD'), idempotencyKey: request.idempotencyKey };
    await expect(lab.ledger.post(other)).rejects.toThrow(PostingKeyReusedError);
    expect(await lab.balance(userId, walletId)).toBe(700n);
  });

  it('posts one of two things that come at the same time under one key, though they touch different accounts', async () => {
    const { userId, walletId } = await lab.wallet(0n);
    const { id: euros } = await lab.accounts.wallet(userId, 'EUR');
    for (let round = 0; round < 10; round++) {
      const idempotencyKey = randomUUID();
      const results = await Promise.allSettled(
        Array.from({ length: 10 }, (_, i) =>
          lab.ledger.post({
            ...(i % 2 ? credit(userId, walletId, 1n) : credit(userId, euros, 1n, 'EUR')),
            idempotencyKey,
            source: { type: 'test', id: 'the same' },
          }),
        ),
      );
      const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
      expect(reasons.map((reason) => reason instanceof PostingKeyReusedError)).toEqual(Array(5).fill(true));
    }
    expect((await lab.balance(userId, walletId)) + (await lab.balance(userId, euros))).toBe(10n);
  });

  it('moves no money under the name of another currency', async () => {
    const { userId, walletId } = await lab.wallet(100n);
    await expect(lab.ledger.post(credit(userId, walletId, 1n, 'EUR'))).rejects.toThrow(/not in EUR/);
    const unknown = { ...credit(userId, walletId, 1n).legs[0]!, credit: 'system:revenue' as const, currency: 'ZZZ' };
    await expect(lab.ledger.post({ ...credit(userId, walletId, 1n), legs: [unknown] })).rejects.toThrow(/currency ZZZ/);
    expect(await lab.rows('SELECT 1 FROM ledger_transactions WHERE user_id = $1', [userId])).toHaveLength(1);
  });

  it("moves nothing on another user's, a closed or a frozen account", async () => {
    const { walletId: foreign } = await lab.wallet(500n);
    const { userId, walletId } = await lab.wallet(500n);
    await expect(lab.ledger.post(spend(userId, foreign, 1n))).rejects.toThrow(AccountNotUsableError);
    await lab.sql.query('SELECT freeze_account($1, $2, true)', [userId, walletId]);
    await expect(lab.ledger.post(spend(userId, walletId, 1n))).rejects.toMatchObject({ code: 'account.frozen' });
    await lab.ledger.post({ ...spend(userId, walletId, 500n), evenFrozen: true });
    await lab.sql.query('SELECT freeze_account($1, $2, false)', [userId, walletId]);
    await lab.accounts.close(userId, walletId);
    await expect(lab.ledger.post(credit(userId, walletId, 1n))).rejects.toMatchObject({ code: 'account.closed' });
  });

  it('does not deadlock when postings touch the same two wallets in opposite directions', async () => {
    const { userId, walletId } = await lab.wallet(10_000n);
    const { id: other } = await lab.accounts.wallet(userId, 'EUR');
    await lab.ledger.post(credit(userId, other, 10_000n, 'EUR'));
    const both = (first: string, firstCurrency: string, second: string, secondCurrency: string) => ({
      ...spend(userId, first, 1n),
      idempotencyKey: randomUUID(),
      legs: [spend(userId, first, 1n, firstCurrency).legs[0]!, spend(userId, second, 1n, secondCurrency).legs[0]!],
    });
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        lab.ledger.post(i % 2 ? both(walletId, 'USD', other, 'EUR') : both(other, 'EUR', walletId, 'USD')),
      ),
    );
    expect(await lab.balance(userId, walletId)).toBe(9_960n);
    expect(await lab.balance(userId, other)).toBe(9_960n);
  });

  it.each(['ledger_transactions', 'ledger_transfers', 'ledger_entries'])(
    'lets neither the service nor the owner change %s',
    async (table) => {
      const attempts = [`UPDATE ${table} SET user_id = user_id`, `DELETE FROM ${table}`, `TRUNCATE ${table}`];
      for (const attempt of attempts) {
        await expect(lab.asService.query(attempt)).rejects.toMatchObject({ code: '42501' });
        await expect(lab.sql.query(attempt)).rejects.toMatchObject({ code: '23001' });
      }
      await expect(lab.asService.query(`INSERT INTO ${table} DEFAULT VALUES`)).rejects.toMatchObject({ code: '42501' });
    },
  );

  it('keeps every balance on its side of zero and above what is held, whoever writes it', async () => {
    const { userId, walletId } = await lab.wallet(100n);
    const { id: debtId } = await lab.accounts.debt(userId, 'USD');
    const set = (accountId: string, change: string) =>
      lab.sql.query(`UPDATE account_balances SET ${change} WHERE user_id = $1 AND account_id = $2`, [
        userId,
        accountId,
      ]);
    for (const change of ['balance = -1', 'held = -1', 'held = 101'])
      await expect(set(walletId, change)).rejects.toMatchObject({ constraint: 'ck_account_balances_sign' });
    await expect(set(debtId, 'balance = 1')).rejects.toMatchObject({ constraint: 'ck_account_balances_sign' });
    await expect(set(walletId, `status = 'closed'`)).rejects.toMatchObject({
      constraint: 'ck_account_balances_closed',
    });
  });

  it('gives the service no way to a balance but posting', async () => {
    await expect(lab.asService.query('UPDATE account_balances SET balance = 1')).rejects.toMatchObject({
      code: '42501',
    });
    await expect(lab.asService.query('DROP TABLE holds')).rejects.toMatchObject({ code: '42501' });
  });

  it('holds part of a balance, spends the hold once, or gives it back once', async () => {
    const { userId, walletId } = await lab.wallet(100n);
    const [held, returned] = [randomUUID(), randomUUID()];
    const place = (id: string, amount: number) =>
      lab.asService.query(`SELECT place_hold($1, $2, $3, $4, 'dispute', 'dp_1') AS placed`, [
        userId,
        id,
        walletId,
        amount,
      ]);
    expect((await place(held, 60)).rows).toEqual([{ placed: true }]);
    expect((await place(randomUUID(), 41)).rows).toEqual([{ placed: false }]);
    await expect(lab.ledger.post(spend(userId, walletId, 41n))).rejects.toThrow(InsufficientFundsError);
    await lab.ledger.post({ ...spend(userId, walletId, 60n), postsHolds: [held] });
    await expect(lab.ledger.post({ ...spend(userId, walletId, 10n), postsHolds: [held] })).rejects.toThrow(/hold/);
    await place(returned, 40);
    const release = () => lab.asService.query('SELECT void_hold($1, $2) AS voided', [userId, returned]);
    expect([(await release()).rows, (await release()).rows]).toEqual([[{ voided: true }], [{ voided: false }]]);
    expect(await lab.accounts.get(userId, walletId)).toMatchObject({ balanceMinor: 40n, heldMinor: 0n });
  });

  it('spends no hold by a posting that leaves its wallet alone', async () => {
    const { userId, walletId } = await lab.wallet(100n);
    const { id: euros } = await lab.accounts.wallet(userId, 'EUR');
    const held = randomUUID();
    await lab.asService.query(`SELECT place_hold($1, $2, $3, 60, 'dispute', 'dp_1')`, [userId, held, walletId]);
    const elsewhere = { ...credit(userId, euros, 60n, 'EUR'), postsHolds: [held] };
    await expect(lab.ledger.post(elsewhere)).rejects.toThrow(`hold ${held} cannot be posted`);
    expect(await lab.accounts.get(userId, walletId)).toMatchObject({ balanceMinor: 100n, heldMinor: 60n });
  });

  it('gives a hold back in the order of the locks of a posting that spends it: balance first', async () => {
    const { userId, walletId } = await lab.wallet(100n);
    const held = randomUUID();
    await lab.asService.query(`SELECT place_hold($1, $2, $3, 60, 'dispute', 'dp_1')`, [userId, held, walletId]);
    const posting = await lab.sql.connect();
    await posting.query('BEGIN');
    await posting.query('SELECT 1 FROM account_balances WHERE account_id = $1 FOR UPDATE', [walletId]);
    const voided = lab.asService.query('SELECT void_hold($1, $2) AS voided', [userId, held]);
    try {
      await vi.waitUntil(async () => {
        const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%void_hold%' AND wait_event_type = 'Lock'`;
        return (await lab.rows(waiting)).length === 1;
      });
      await posting.query('SELECT 1 FROM holds WHERE id = $1 FOR UPDATE NOWAIT', [held]);
    } finally {
      await posting.query('ROLLBACK');
      posting.release();
    }
    expect((await voided).rows).toEqual([{ voided: true }]);
  });

  it('refuses amounts that are zero, negative or too large before any row is written', async () => {
    const { userId, walletId } = await lab.wallet(0n);
    for (const amount of [0n, -5n, 9_007_199_254_740_992n, 2n ** 63n, 10n ** 30n]) {
      await expect(lab.ledger.post(credit(userId, walletId, amount))).rejects.toThrow();
    }
    expect(await entries(walletId)).toHaveLength(0);
  });
});
