import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MongoClient } from 'mongodb';
import type pg from 'pg';
import type { Role } from '#libs/access';
import { sqlPool, TestIssuer } from '#libs/testing';
import { call, formOf } from '../tools/demo/client.ts';
import type { Money, Payment, Quote } from '../tools/demo/shapes.ts';
import type { Running } from '../tools/local/daemon.ts';
import { startTestStack, type TestStack } from '../tools/local/test-stack.ts';
import { rabbitctl } from './messaging/campaign.js';

/** A request that moves money, the same however often it is sent. */
export interface Command {
  userId: string;
  path: string;
  body: object;
  key: string;
  roles?: Role[];
}

/** What became of it: nobody heard it, or the service died or failed over it and has not told yet. */
export type Told<T> = { is: 'done'; body: T } | { is: 'refused'; code: string } | { is: 'unheard' | 'unknown' };

const CARD = { card_number: '4242 4242 4242 4242', expiry: '12 / 34', cvc: '123', name: 'A Viewer' };
const TIMEOUT_MS = 15_000;

/** The built billing service with stores of its own, all of which may be killed, and the provider sandbox beside it. */
export class BankLab {
  readonly victims: Record<string, Running>;

  private constructor(
    readonly stack: TestStack,
    private readonly issuer: TestIssuer,
    private readonly auth: Server,
    /** As superuser: sees everything. Its connections die with the server. */
    readonly sql: pg.Pool,
  ) {
    const { stores, services } = stack.stack;
    const { postgres, rabbit, mongo } = stores;
    this.victims = { billing: services.billing!, postgres: postgres!, rabbit: rabbit!, mongo: mongo! };
  }

  static async open(): Promise<BankLab> {
    const issuer = new TestIssuer();
    const auth = createServer((_request, response) => response.end(JSON.stringify(issuer.jwks())));
    auth.listen(0, '127.0.0.1');
    await once(auth, 'listening');
    const { port } = auth.address() as AddressInfo;
    const env = {
      AUTH_ISSUER: issuer.issuer,
      AUTH_JWKS_URL: `http://127.0.0.1:${port}/jwks.json`,
      LOG_LEVEL: 'warn',
    };
    const stack = await startTestStack({ privateStores: true, apps: ['billing'], env });
    const sql = sqlPool(stack.stack.environment['BILLING_DATABASE_MIGRATION_URL']!, 4);
    return new BankLab(stack, issuer, auth, sql);
  }

  async close(): Promise<void> {
    await this.sql.end();
    await this.stack.stop();
    this.auth.closeAllConnections();
    this.auth.close();
  }

  /** A user with a profile. */
  async join(): Promise<string> {
    const userId = randomUUID();
    await this.call(userId, 'POST', '/profiles', {});
    return userId;
  }

  /** Sends a command once. */
  async send<T>({ userId, path, body, key, roles }: Command): Promise<Told<T>> {
    try {
      const response = await this.fetch(userId, 'POST', path, body, key, roles);
      const answer = (await response.json()) as T & { code: string };
      if (response.ok) return { is: 'done', body: answer };
      const later = response.status >= 500 || answer.code === 'idempotency.running';
      return later ? { is: 'unknown' } : { is: 'refused', code: answer.code };
    } catch (error) {
      const { cause } = error as { cause?: { code?: string } };
      return { is: cause?.code === 'ECONNREFUSED' ? 'unheard' : 'unknown' };
    }
  }

  /** A quote, or nothing while the service is away. */
  async quote(userId: string, from: Money, to: string): Promise<Quote | undefined> {
    const told = await this.send<Quote>({ userId, path: '/quotes', body: { from, to }, key: randomUUID() });
    return told.is === 'done' ? told.body : undefined;
  }

  /** Pays on the provider's page, as a person in a browser would who then closes it. */
  async pay({ checkoutUrl }: Payment): Promise<void> {
    const { action, fields } = formOf(await (await call(checkoutUrl)).text(), checkoutUrl);
    const form = { ...fields, ...CARD, email: fields['email'] || 'viewer@example.com', action: 'pay' };
    await call(action, { method: 'POST', form, redirect: 'manual', status: 303 });
  }

  /** What the provider captured of each currency, in its own record. */
  async captured(): Promise<{ currency: string; payments: number; minor: number }[]> {
    const response = await fetch(`${this.stack.url.sandbox}/_sandbox/stripe/truth`, {
      headers: { authorization: 'Bearer sandbox' },
    });
    const { totals } = (await response.json()) as { totals: Record<string, { payments: number; captured: number }> };
    return Object.entries(totals).map(([currency, { payments, captured }]) => ({
      currency: currency.toUpperCase(),
      payments,
      minor: captured,
    }));
  }

  async rows<T extends object>(text: string, values: unknown[] = []): Promise<T[]> {
    return (await this.sql.query<T>(text, values)).rows;
  }

  async count(table: string, condition = 'true'): Promise<number> {
    const [row] = await this.rows<{ n: number }>(`SELECT count(*)::int AS n FROM ${table} WHERE ${condition}`);
    return row!.n;
  }

  /** How many entries the history holds. */
  async historySize(): Promise<number> {
    const client = await MongoClient.connect(this.stack.stack.environment['BILLING_MONGODB_URL']!);
    try {
      return await client.db().collection('history').countDocuments();
    } finally {
      await client.close();
    }
  }

  /** What may tell why the history is not the ledger: events unsent, where messages lie, the service's last words. */
  async diagnosis(): Promise<string> {
    const { stack } = this.stack;
    const rabbit = { directory: stack.directoryOf('rabbit'), environment: stack.stores.rabbit!.environment };
    const columns = ['name', 'state', 'messages_ready', 'messages_unacknowledged', 'consumers'];
    const queues = await rabbitctl(rabbit, '--silent', 'list_queues', ...columns).catch(String);
    const unsent = await this.rows('SELECT routing_key, count(*) FROM outbox WHERE sent_at IS NULL GROUP BY 1');
    const said = readFileSync(stack.services.billing!.logFile, 'utf8').slice(-4_000);
    const verify = await stack.command('billing', ['history:verify']).catch(String);
    return [JSON.stringify(unsent), queues, verify, said].join('\n');
  }

  private async call(userId: string, method: string, path: string, body: object): Promise<void> {
    const response = await this.fetch(userId, method, path, body, randomUUID());
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }

  private fetch(
    userId: string,
    method: string,
    path: string,
    body: object,
    key: string,
    roles?: Role[],
  ): Promise<Response> {
    return fetch(`${this.stack.url.billing}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.issuer.token(userId, roles)}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  }
}
