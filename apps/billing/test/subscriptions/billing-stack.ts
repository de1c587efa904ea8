import 'reflect-metadata';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type pg from 'pg';
import { vi } from 'vitest';
import type { Role } from '#libs/access';
import {
  createTestDatabase,
  createTestMongoDatabase,
  sqlPool,
  type TestDatabase,
  TestIssuer,
  type TestMongoDatabase,
  testNamespace,
  testRedisUrl,
  testStores,
} from '#libs/testing';
import { migrations } from '../../../../migrations/billing/index.js';
import { BillingConfig } from '../../src/billing.config.js';
import { DemoPlansService } from '../../src/plans/demo-plans.service.js';
import { freePorts, SandboxProcess } from './sandbox-process.js';

/** An answer, read. */
export interface Answer<T> {
  status: number;
  body: T;
  headers: Headers;
}

/** The services that may read entitlements, with their keys. */
export const SERVICE_KEYS = {
  player: randomBytes(32).toString('base64'),
  catalogue: randomBytes(32).toString('base64'),
};

/** What the service's environment is made of. */
interface Surroundings {
  url: string;
  database: TestDatabase;
  mongo: TestMongoDatabase;
  sandbox: SandboxProcess;
  issuer: string;
  jwksUrl: string;
}

/** The environment of a service under test. */
export function billingEnvironment(around: Surroundings): Record<string, string> {
  return {
    NODE_ENV: 'test',
    LOG_LEVEL: 'error',
    REDIS_URL: testRedisUrl(),
    RABBITMQ_URL: testStores().TEST_RABBITMQ_URL,
    MESSAGING_NAMESPACE: testNamespace(),
    EVENT_SECRETS_KEY: randomBytes(32).toString('base64'),
    AUTH_ISSUER: around.issuer,
    AUTH_JWKS_URL: around.jwksUrl,
    BILLING_HOST: '127.0.0.1',
    BILLING_PORT: new URL(around.url).port,
    BILLING_PUBLIC_URL: around.url,
    BILLING_DATABASE_URL: around.database.appUrl,
    BILLING_MONGODB_URL: around.mongo.url,
    BILLING_SERVICE_KEYS: Object.entries(SERVICE_KEYS)
      .map(([name, key]) => `${name}:${createHash('sha256').update(key).digest('hex')}`)
      .join(','),
    STRIPE_SECRET_KEY: 'sk_test_sandbox',
    STRIPE_WEBHOOK_SECRET: 'whsec_sandbox',
    STRIPE_API_BASE: around.sandbox.stripeUrl,
    FX_PRIMARY_URL: `${around.sandbox.ratesUrl}/v6/latest/USD`,
    FX_FALLBACK_URL: `${around.sandbox.ratesUrl}/scripts/XML_daily.asp`,
  };
}

/** The whole service in this process on real stores, the provider sandbox beside it, and tokens of a test's own. */
export class BillingStack {
  private readonly issuer = new TestIssuer();
  private readonly jwks: Server = createServer((_request, response) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify(this.issuer.jwks())),
  );
  url = '';
  app!: NestFastifyApplication;
  sandbox!: SandboxProcess;
  sql!: pg.Pool;
  private database!: TestDatabase;
  private mongo!: TestMongoDatabase;

  /** @param settings of the service and the sandbox, in place of those they have otherwise. */
  static async start(settings: Record<string, string> = {}): Promise<BillingStack> {
    const stack = new BillingStack();
    await stack.open(settings);
    return stack;
  }

  /** The same, once it has rates. */
  static async startWithRates(settings: Record<string, string> = {}): Promise<BillingStack> {
    const stack = await BillingStack.start(settings);
    await vi.waitUntil(async () => (await fetch(`${stack.url}/rates`)).ok, { timeout: 20_000 });
    return stack;
  }

  /** Sends a request as a user; a money route gets a key of its own unless `key` names one. */
  async call<T>(
    userId: string,
    method: string,
    path: string,
    body?: object,
    options: { key?: string; roles?: Role[]; headers?: Record<string, string> } = {},
  ): Promise<Answer<T>> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.issuer.token(userId, options.roles)}`,
        ...(body && { 'content-type': 'application/json' }),
        ...(method === 'POST' && { 'idempotency-key': options.key ?? randomUUID() }),
        ...options.headers,
      },
      body: body ? JSON.stringify(body) : null,
    });
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : undefined) as T, headers: response.headers };
  }

  /** An access token of a user. */
  token(userId: string, roles?: Role[]): string {
    return this.issuer.token(userId, roles);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.sandbox.stop();
    await this.sql.end();
    await this.mongo.drop();
    await this.database.drop();
    this.jwks.closeAllConnections();
    this.jwks.close();
    vi.unstubAllEnvs();
  }

  private async open(settings: Record<string, string>): Promise<void> {
    this.jwks.listen(0, '127.0.0.1');
    const [[port], database] = await Promise.all([
      freePorts(1),
      createTestDatabase('billing', migrations),
      once(this.jwks, 'listening'),
    ]);
    this.url = `http://127.0.0.1:${port}`;
    this.database = database;
    this.mongo = createTestMongoDatabase();
    this.sql = sqlPool(database.adminUrl, 4);
    this.sandbox = await SandboxProcess.start(`${this.url}/webhooks/stripe`, settings);
    const environment = billingEnvironment({
      url: this.url,
      database: this.database,
      mongo: this.mongo,
      sandbox: this.sandbox,
      issuer: this.issuer.issuer,
      jwksUrl: `http://127.0.0.1:${(this.jwks.address() as { port: number }).port}/jwks.json`,
    });
    for (const [name, value] of Object.entries({ ...environment, ...settings })) vi.stubEnv(name, value);
    const { createBillingService } = await import('../../src/billing.service-app.js');
    this.app = await createBillingService(new BillingConfig());
    await this.app.listen(port!, '127.0.0.1');
    await this.app.get(DemoPlansService).seed();
  }
}
