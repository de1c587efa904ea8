import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  campaignSize,
  createTestDatabase,
  createTestMongoDatabase,
  sqlPool,
  type TestDatabase,
  type TestMongoDatabase,
} from '#libs/testing';
import { migrations } from '../../../../migrations/billing/index.js';
import { billingEnvironment } from './billing-stack.js';
import { BillingProcess, runBillingCommand } from './billing-process.js';
import { freePorts, SandboxProcess } from './sandbox-process.js';
import { offerOf } from './offers.js';

/** Full size: `RENEWALS_CAMPAIGN=10000 npm test renewal-crash`. */
const SUBSCRIPTIONS = campaignSize('RENEWALS_CAMPAIGN');
const OFFER = offerOf(1, 'PNT');
const FUNDS = 2n * BigInt(OFFER.amountMinor);

/** Holders with money for two months, a running month, and a renewal that is due. */
const HOLDERS = [
  'CREATE TABLE holders AS SELECT gen_random_uuid() AS id, gen_random_uuid() AS subscription FROM generate_series(1, $1)',
  `SELECT open_account(id, gen_random_uuid(), 'PNT', 'wallet') FROM holders`,
  `SELECT post_transactions(jsonb_build_array(jsonb_build_object('userId', user_id, 'transactionId', gen_random_uuid(),
      'kind', 'gift', 'key', 'gift', 'hash', repeat('00', 32), 'sourceType', 'test', 'sourceId', user_id, 'actor', 'system',
      'legs', jsonb_build_array(jsonb_build_object('code', 'capture', 'debitSystem', 'adjustments', 'creditAccount', id,
        'currency', 'PNT', 'amount', $1::text)))))
     FROM accounts`,
  `INSERT INTO subscriptions (user_id, id, product, version, paid_until, told_days, renewal_offer, renewal_consented_at,
       renewal_try_at, next_step_at)
     SELECT id, subscription, 'cinema', 1, date_trunc('hour', now()) + interval '12 hours', 3, $1, now(), now(), now()
       FROM holders`,
  `INSERT INTO subscription_periods (user_id, id, subscription_id, product, plan_id, term_months, features, period, anchor,
       anchor_months, months, paid_minor, paid_currency, source, offer)
     SELECT user_id, gen_random_uuid(), id, product, ($1::jsonb ->> 'planId')::uuid, 1, $1::jsonb -> 'features',
            tstzrange(paid_until - interval '1 month', paid_until), paid_until - interval '1 month', 1, 1, 0, 'PNT', 'grant', $1
       FROM subscriptions`,
];

describe('a run over many renewals', () => {
  let database: TestDatabase;
  let mongo: TestMongoDatabase;
  let sandbox: SandboxProcess;
  let sql: pg.Pool;
  let environment: Record<string, string>;
  let billing: BillingProcess | undefined;

  beforeAll(async () => {
    const [port, deadPort] = await freePorts(2);
    const url = `http://127.0.0.1:${port}`;
    database = await createTestDatabase('billing', migrations);
    mongo = createTestMongoDatabase();
    sandbox = await SandboxProcess.start(`${url}/webhooks/stripe`);
    sql = sqlPool(database.adminUrl, 2);
    const jwksUrl = `http://127.0.0.1:${deadPort}/jwks.json`;
    environment = billingEnvironment({ url, database, mongo, sandbox, issuer: 'http://auth.test', jwksUrl });
    await runBillingCommand(environment, 'seed:demo');
    const [holders, accounts, funds, subscriptions, periods] = HOLDERS as [string, string, string, string, string];
    await sql.query(holders, [SUBSCRIPTIONS]);
    await sql.query(accounts);
    await sql.query(funds, [FUNDS.toString()]);
    await sql.query(subscriptions, [JSON.stringify(OFFER)]);
    await sql.query(periods, [JSON.stringify(OFFER)]);
  });
  afterAll(async () => {
    await billing?.stop();
    await sandbox.stop();
    await sql.end();
    await mongo.drop();
    await database.drop();
  });

  const count = async (query: string): Promise<number> =>
    Number((await sql.query<{ n: string }>(`SELECT count(*) AS n ${query}`)).rows[0]!.n);
  const renewed = (): Promise<number> => count(`FROM ledger_transactions WHERE kind = 'subscription_renewal'`);
  const renewedAtLeast = (wanted: number) =>
    vi.waitUntil(async () => (await renewed()) >= wanted, { timeout: 300_000, interval: 50 });

  it('renews and charges each once although the service is killed twice on the way', async () => {
    for (const killedAt of [0.2, 0.6]) {
      billing = await BillingProcess.start(environment);
      await renewedAtLeast(SUBSCRIPTIONS * killedAt);
      await billing.kill();
      expect(await renewed()).toBeLessThan(SUBSCRIPTIONS);
    }
    billing = await BillingProcess.start(environment);
    await renewedAtLeast(SUBSCRIPTIONS);
    await vi.waitUntil(async () => (await count('FROM subscriptions WHERE next_step_at <= now()')) === 0, {
      timeout: 20_000,
    });

    expect(await renewed()).toBe(SUBSCRIPTIONS);
    expect(
      await count('FROM (SELECT user_id FROM subscription_periods GROUP BY user_id HAVING count(*) = 2) once'),
    ).toBe(SUBSCRIPTIONS);
    expect(await count(`FROM account_balances WHERE balance = ${OFFER.amountMinor}`)).toBe(SUBSCRIPTIONS);
    expect(
      await count(`FROM (SELECT DISTINCT envelope -> 'payload' ->> 'userId' FROM outbox
                          WHERE routing_key = 'billing.subscription.renewed.v1') told`),
    ).toBe(SUBSCRIPTIONS);
    expect(await count(`FROM outbox WHERE routing_key = 'billing.subscription.renewed.v1'`)).toBe(SUBSCRIPTIONS);
  }, 900_000);
});
