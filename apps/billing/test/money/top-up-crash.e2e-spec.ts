import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  createTestDatabase,
  createTestMongoDatabase,
  sqlPool,
  type TestDatabase,
  TestIssuer,
  type TestMongoDatabase,
} from '#libs/testing';
import { migrations } from '../../../../migrations/billing/index.js';
import { BillingProcess } from '../subscriptions/billing-process.js';
import { billingEnvironment } from '../subscriptions/billing-stack.js';
import { freePorts, SandboxProcess } from '../subscriptions/sandbox-process.js';
import { Control } from './control.js';
import type { TopUp } from './money-user.js';

const SESSIONS = 'POST /v1/checkout/sessions';
const SESSION = 'GET /v1/checkout/sessions/*';

/** `kill -9` while a top-up stands still at one exact point, held there by a lock in the database or by the provider. */
describe('a top-up whose service is killed', () => {
  const issuer = new TestIssuer();
  const jwks: Server = createServer((_, response) => response.end(JSON.stringify(issuer.jwks())));
  let database: TestDatabase;
  let mongo: TestMongoDatabase;
  let sandbox: SandboxProcess;
  let control: Control;
  let sql: pg.Pool;
  let environment: Record<string, string>;
  let billing: BillingProcess | undefined;
  let url: string;

  beforeAll(async () => {
    jwks.listen(0, '127.0.0.1');
    const [[port]] = await Promise.all([freePorts(1), once(jwks, 'listening')]);
    url = `http://127.0.0.1:${port}`;
    database = await createTestDatabase('billing', migrations);
    mongo = createTestMongoDatabase();
    sandbox = await SandboxProcess.start(`${url}/webhooks/stripe`);
    control = new Control(sandbox.controlUrl);
    sql = sqlPool(database.adminUrl, 4);
    const jwksUrl = `http://127.0.0.1:${(jwks.address() as { port: number }).port}/jwks.json`;
    environment = billingEnvironment({ url, database, mongo, sandbox, issuer: issuer.issuer, jwksUrl });
    billing = await BillingProcess.start(environment);
  });
  afterEach(() => control.faultsOff());
  afterAll(async () => {
    await billing?.stop();
    await sandbox.stop();
    await sql.end();
    await mongo.drop();
    await database.drop();
    jwks.close();
  });

  const call = async <T>(
    userId: string,
    method: string,
    path: string,
    body?: object,
    key: string = randomUUID(),
  ): Promise<T> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${issuer.token(userId)}`,
        'idempotency-key': key,
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body ? JSON.stringify(body) : null,
    });
    const answer = (await response.json()) as T;
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  };

  const begin = (userId: string, key: string): Promise<TopUp> =>
    call<TopUp>(userId, 'POST', '/top-ups', { amount: { amount: '7.00', currency: 'EUR' } }, key);

  const fault = (kind: string, match: string, value?: number): Promise<unknown> =>
    control.call('POST', '/faults', { provider: 'stripe', kind, match, ...(value && { value }) });

  const until = (query: string, values: unknown[] = []): Promise<unknown> =>
    vi.waitUntil(async () => (await sql.query(query, values)).rowCount! > 0, { timeout: 30_000, interval: 10 });

  const untilBlocked = (): Promise<unknown> =>
    until(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`);

  /** Holds a lock, does something, waits until the service stands still at it, and kills the service there. */
  async function killAtLock(lock: string, values: unknown[], act: () => Promise<unknown>): Promise<void> {
    const holder = await sql.connect();
    try {
      await holder.query('BEGIN');
      await holder.query(lock, values);
      const acting = act().catch(() => undefined);
      await untilBlocked();
      await billing!.kill();
      await acting;
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
  }

  async function restart(): Promise<void> {
    await control.faultsOff();
    billing = await BillingProcess.start(environment);
  }

  /** The request again, as a client would: the dead owner's lease is over by then. */
  async function again(userId: string, key: string): Promise<TopUp> {
    await sql.query(`UPDATE idempotency_keys SET locked_until = now() - interval '1 s' WHERE response_status IS NULL`);
    return begin(userId, key);
  }

  /** Exactly one credit, one payment, one session that could ever be paid. */
  async function expectOneCredit(userId: string, topUp: TopUp): Promise<void> {
    await sql.query(`UPDATE payments SET next_check_at = now() WHERE id = $1 AND next_check_at IS NOT NULL`, [
      topUp.id,
    ]);
    await until(`SELECT 1 FROM payments WHERE id = $1 AND status = 'succeeded'`, [topUp.id]);
    const { rows } = await sql.query(
      `SELECT (SELECT count(*) FROM payments WHERE user_id = $1)::int AS payments,
              (SELECT count(*) FROM ledger_transactions WHERE user_id = $1)::int AS postings,
              (SELECT sum(balance) FROM account_balances WHERE user_id = $1)::int AS balance,
              (SELECT count(*) FROM outbox WHERE envelope::jsonb -> 'payload' ->> 'userId' = $1::text
                  AND routing_key = 'billing.topup.settled.v1')::int AS told`,
      [userId],
    );
    expect(rows).toEqual([{ payments: 1, postings: 1, balance: 700, told: 1 }]);
    const sessions = await fetch(`${sandbox.stripeUrl}/v1/checkout/sessions?limit=100`, {
      headers: { authorization: 'Bearer sk_test_sandbox' },
    });
    const { data } = (await sessions.json()) as { data: { client_reference_id: string; status: string }[] };
    const ours = data.filter((session) => session.client_reference_id === topUp.id);
    expect(ours.map((session) => session.status)).toEqual(['complete']);
  }

  /** Points before the user can pay: the client asks again and pays. */
  const STARTING: Record<string, (userId: string, key: string) => Promise<void>> = {
    '1 before the payment is written': (userId, key) =>
      killAtLock('LOCK TABLE payments IN SHARE ROW EXCLUSIVE MODE', [], () => begin(userId, key)),
    '2 before the provider knows of it': async (userId, key) => {
      await fault('api.hang', SESSIONS);
      const asking = begin(userId, key).catch(() => undefined);
      await until('SELECT 1 FROM payments WHERE user_id = $1', [userId]);
      await billing!.kill();
      await asking;
    },
    '3 after the provider made the session, before it answered': async (userId, key) => {
      await fault('api.hang_after_commit', SESSIONS);
      const asking = begin(userId, key).catch(() => undefined);
      await until('SELECT 1 FROM payments WHERE user_id = $1', [userId]);
      await vi.waitUntil(
        async () => (await control.call<{ items: { hits: number }[] }>('GET', '/faults')).items[0]!.hits > 0,
      );
      await billing!.kill();
      await asking;
    },
    '4 after the provider answered, before the session is written': async (userId, key) => {
      await fault('api.slow', SESSIONS, 700);
      const asking = begin(userId, key).catch(() => undefined);
      await until('SELECT 1 FROM payments WHERE user_id = $1', [userId]);
      await killAtLock('SELECT 1 FROM payments WHERE user_id = $1 FOR UPDATE', [userId], () => asking);
    },
    '5 after the session is written, before the client is answered': async (userId, key) => {
      await fault('api.slow', SESSIONS, 700);
      const asking = begin(userId, key).catch(() => undefined);
      await until('SELECT 1 FROM payments WHERE user_id = $1', [userId]);
      await killAtLock('SELECT 1 FROM idempotency_keys WHERE user_id = $1 FOR UPDATE', [userId], () => asking);
    },
  };

  it.each(Object.keys(STARTING))('%s is one payment, credited once', async (point) => {
    const [userId, key] = [randomUUID(), randomUUID()];
    await STARTING[point]!(userId, key);
    await restart();
    const topUp = await again(userId, key);
    await sandbox.pay(topUp.checkoutUrl);
    await expectOneCredit(userId, topUp);
  });

  /** Points after the user has paid: nobody does anything more. */
  const SETTLING: Record<string, (userId: string, topUp: TopUp) => Promise<void>> = {
    '6 before the news is written': (_, topUp) =>
      killAtLock('LOCK TABLE provider_events IN SHARE ROW EXCLUSIVE MODE', [], () => sandbox.pay(topUp.checkoutUrl)),
    '7 after the news is written, before the provider is asked': async (_, topUp) => {
      await fault('api.hang', SESSION);
      await sandbox.pay(topUp.checkoutUrl);
      await until(`SELECT 1 FROM provider_events WHERE object_id = (SELECT session_id FROM payments WHERE id = $1)`, [
        topUp.id,
      ]);
      await vi.waitUntil(
        async () => (await control.call<{ items: { hits: number }[] }>('GET', '/faults')).items[0]!.hits > 0,
      );
      await billing!.kill();
    },
    '8 inside the settlement, before the posting': (userId, topUp) =>
      killAtLock('SELECT 1 FROM account_balances WHERE user_id = $1 FOR UPDATE', [userId], () =>
        sandbox.pay(topUp.checkoutUrl),
      ),
    '9 after the posting, before its events are written': (_, topUp) =>
      killAtLock('LOCK TABLE outbox IN SHARE MODE', [], () => sandbox.pay(topUp.checkoutUrl)),
    '10 after the payment is settled, before the news is done with': async (_, topUp) => {
      await fault('api.slow', SESSION, 700);
      await sandbox.pay(topUp.checkoutUrl);
      // Of this payment: an earlier point may have left news that waits for its next try.
      const news = `FROM provider_events WHERE type = 'checkout.session.completed' AND attempts > 0 AND status = 'received'
        AND object_id = (SELECT session_id FROM payments WHERE id = $1)`;
      await until(`SELECT 1 ${news}`, [topUp.id]);
      await killAtLock(`SELECT 1 ${news} FOR UPDATE`, [topUp.id], () => Promise.resolve());
      await until(`SELECT 1 FROM payments WHERE id = $1 AND status = 'succeeded'`, [topUp.id]);
    },
  };

  it.each(Object.keys(SETTLING))('%s is credited once', async (point) => {
    const userId = randomUUID();
    // The wallet is there already, so that its row can be locked.
    await sql.query(`SELECT open_account($1, gen_random_uuid(), 'EUR', 'wallet')`, [userId]);
    const topUp = await begin(userId, randomUUID());
    await SETTLING[point]!(userId, topUp);
    await restart();
    await expectOneCredit(userId, topUp);
  });
});
