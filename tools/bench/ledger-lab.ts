import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { sqlPool } from '../local/sql.ts';
import { startTestStack, type TestStack } from '../local/test-stack.ts';
import { addUsers, FIRST_USER, idsOf } from './ledger-users.ts';

const ISSUER = 'http://auth.bench';
const DRAIN_DEADLINE_MS = 10 * 60_000;

/** A conversion that only has to be asked for. */
export interface OpenQuote {
  quoteId: string;
  userId: string;
  token: string;
}

/** The built billing service with everything around it, and users with money. */
export class LedgerLab {
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #jwks: Server = createServer((_request, response) => {
    const jwk = { ...this.#keys.publicKey.export({ format: 'jwk' }), kid: 'bench', use: 'sig', alg: 'ES256' };
    // auth's keys and its revocations, whichever is asked for.
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk], revocations: [] }));
  });
  #tokens: string[] = [];
  stack!: TestStack;
  sql!: pg.Pool;

  readonly users: number;

  constructor(users: number) {
    this.users = users;
  }

  async start(): Promise<void> {
    this.#jwks.listen(0, '127.0.0.1');
    await once(this.#jwks, 'listening');
    const { port } = this.#jwks.address() as AddressInfo;
    const env = { AUTH_ISSUER: ISSUER, AUTH_JWKS_URL: `http://127.0.0.1:${port}/jwks.json`, LOG_LEVEL: 'error' };
    this.stack = await startTestStack({ privateStores: true, apps: ['billing'], env });
    this.sql = sqlPool(this.databaseUrl, 4);
    await addUsers(this.sql, this.range);
    this.#tokens = Array.from({ length: this.users }, (_, n) => this.#token(idsOf(FIRST_USER + n).user));
  }

  async stop(): Promise<void> {
    await this.sql?.end();
    await this.stack?.stop();
    this.#jwks.closeAllConnections();
    this.#jwks.close();
  }

  get environment(): NodeJS.ProcessEnv {
    return this.stack.stack.environment;
  }

  get port(): number {
    return this.stack.ports.billing;
  }

  /** As the role that owns the schema. */
  get databaseUrl(): string {
    return this.environment['BILLING_DATABASE_MIGRATION_URL']!;
  }

  /** The first and the last user's number. */
  get range(): [number, number] {
    return [FIRST_USER, FIRST_USER + this.users - 1];
  }

  /** Quotes of one dollar each, user after user. */
  async quotes(count: number): Promise<OpenQuote[]> {
    const { rows } = await this.sql.query<{ id: string }>(
      `INSERT INTO quotes (id, user_id, from_currency, to_currency, amount_in, spread, amount_out, rate, rate_set_id, expires_at)
       SELECT gen_random_uuid(), ('00000000-0000-4000-8000-000000' || ${FIRST_USER} + n % $2)::uuid, 'USD', 'EUR', 100, 1, 90, '0.9',
              (SELECT id FROM rate_sets ORDER BY accepted_at LIMIT 1), now() + interval '1 hour'
         FROM generate_series(0, $1 - 1) AS n ORDER BY n RETURNING id`,
      [count, this.users],
    );
    return rows.map(({ id }, n) => ({
      quoteId: id,
      userId: idsOf(FIRST_USER + (n % this.users)).user,
      token: this.#tokens[n % this.users]!,
    }));
  }

  /** Waits until every event has been published and the history holds every entry, so that no variant pays for another. */
  async drained(): Promise<number> {
    const began = performance.now();
    const deadline = began + DRAIN_DEADLINE_MS;
    for (;;) {
      const { rows } = await this.sql.query<{ unsent: boolean }>(
        'SELECT EXISTS (SELECT 1 FROM outbox WHERE sent_at IS NULL) AS unsent',
      );
      if (!rows[0]!.unsent && (await this.#historyLag()) === 0) return (performance.now() - began) / 1000;
      if (performance.now() > deadline) throw new Error('The events of the last slice are still under way');
      await delay(200);
    }
  }

  /** How many entries with an event the history does not hold yet. */
  async #historyLag(): Promise<number> {
    const { MongoClient } = await import('mongodb');
    const client = await MongoClient.connect(this.environment['BILLING_MONGODB_URL']!);
    try {
      const held = await client.db().collection('history').estimatedDocumentCount();
      const { rows } = await this.sql.query<{ count: string }>(
        `SELECT coalesce(sum(json_array_length(envelope #> '{payload,entries}')), 0) AS count FROM outbox`,
      );
      return Number(rows[0]!.count) - held;
    } finally {
      await client.close();
    }
  }

  #token(userId: string): string {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const iat = Math.floor(Date.now() / 1000);
    const claims = { sub: userId, sid: randomUUID(), roles: ['public_user'], email_verified: true, jti: randomUUID() };
    const body = { ...claims, iss: ISSUER, aud: ['auth', 'billing', 'notification'], iat, exp: iat + 3_600 };
    const text = `${part({ alg: 'ES256', typ: 'at+jwt', kid: 'bench' })}.${part(body)}`;
    const key = { key: this.#keys.privateKey, dsaEncoding: 'ieee-p1363' } as const;
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
  }
}
