import 'reflect-metadata';
import { randomBytes, randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Client } from 'pg';
import { vi } from 'vitest';
import { allContracts, openSecret } from '#libs/contracts';
import {
  createTestDatabase,
  sqlClient,
  type TestDatabase,
  testNamespace,
  testRedisUrl,
  testStores,
} from '#libs/testing';
import { migrations } from '../../../../migrations/auth/index.js';
import { AuthConfig } from '../../src/auth.config.js';
import { totpAt } from '../../src/second-factor/totp.js';
import type { FakeGoogle } from './google.js';

/** The event, as it lies in the outbox. */
export interface PublishedEvent {
  routingKey: string;
  payload: Record<string, unknown>;
}

/** A user of a test. */
export interface TestUser {
  email: string;
  password: string;
}

/** What `login` answers. */
export interface Tokens {
  accessToken: string;
  refreshToken: string;
  expiresInSeconds: number;
}

const secret = (): string => randomBytes(32).toString('base64');
const secrets = { EVENT_SECRETS_KEY: secret(), AUTH_KEY_ENCRYPTION_SECRET: secret(), AUTH_COOKIE_SECRET: secret() };
const VERIFICATION = 'auth.user.verification_requested.v1';
export const PASSWORD = 'correct horse battery';

/** The environment of a service under test; what is given wins. */
export function testEnvironment(database: TestDatabase, given: Record<string, string> = {}): Record<string, string> {
  return {
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    REDIS_URL: testRedisUrl(),
    RABBITMQ_URL: testStores().TEST_RABBITMQ_URL,
    MESSAGING_NAMESPACE: testNamespace(),
    AUTH_ISSUER: 'http://auth.test',
    AUTH_JWKS_URL: 'http://auth.test/.well-known/jwks.json',
    AUTH_PUBLIC_URL: 'http://auth.test',
    AUTH_DATABASE_URL: database.appUrl,
    CORS_ORIGINS: 'http://app.test',
    // Tests speak through a proxy that they trust, so that each caller can have an address of its own.
    TRUST_PROXY: '127.0.0.1',
    ...secrets,
    ...given,
  };
}

/** The whole service in this process, over HTTP, on a database of its own. */
export class AuthApp {
  private readonly reader: Client;
  private google: FakeGoogle | undefined;

  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
    readonly database: TestDatabase,
    private readonly ownsDatabase: boolean,
  ) {
    this.reader = sqlClient(database.adminUrl);
  }

  /** Starts the service; a second instance shares the database of the first. */
  static async start(given: Record<string, string> = {}, shared?: AuthApp): Promise<AuthApp> {
    const database = shared?.database ?? (await createTestDatabase('auth', migrations));
    for (const [name, value] of Object.entries(testEnvironment(database, given))) vi.stubEnv(name, value);
    const { createAuthService } = await import('../../src/auth.service-app.js');
    const app = await createAuthService(new AuthConfig());
    await app.listen({ host: '127.0.0.1', port: 0 });
    const started = new AuthApp(app, await app.getUrl(), database, !shared);
    await started.reader.connect();
    return started;
  }

  /** Starts the service and the Google it speaks to; they stop together. */
  static async startBeside(google: FakeGoogle): Promise<AuthApp> {
    const started = await AuthApp.start(await google.start());
    started.google = google;
    return started;
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.google?.stop();
    await this.reader.end();
    if (this.ownsDatabase) await this.database.drop();
  }

  /** A query that looks past all rights. */
  async query<T = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<T[]> {
    return (await this.reader.query(text, values)).rows as T[];
  }

  /** Calls the service; every call comes from an address of its own unless headers say otherwise. */
  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    return fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...json, 'x-forwarded-for': randomIp(), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  /** Calls as a signed-in user. */
  async as(accessToken: string, method: string, path: string, body?: unknown): Promise<Response> {
    return this.call(method, path, body, { authorization: `Bearer ${accessToken}` });
  }

  /** Asks again while the service says that it cannot answer now, as clients do: a busy machine may wait too long for a lock. */
  async insist(ask: () => Promise<Response>): Promise<Response> {
    for (let tries = 0; ; tries++) {
      const answer = await ask();
      if (answer.status !== 503 || tries === 20) return answer;
      await answer.body?.cancel();
    }
  }

  /** Asks sixteen times at once; gives the statuses in order of their numbers. */
  async sixteen(ask: (index: number) => Promise<Response>): Promise<number[]> {
    const answers = await Promise.all(Array.from({ length: 16 }, (_, index) => this.insist(() => ask(index))));
    return answers.map(({ status }) => status).toSorted((a, b) => a - b);
  }

  /** Resolves when every mail that was asked for has been sent or withheld. */
  async mailsAnswered(): Promise<void> {
    await this.eventually(async () =>
      (await this.query('SELECT 1 FROM mail_requests')).length === 0 ? true : undefined,
    );
  }

  /** Events in the outbox, oldest first. */
  async events(name?: string): Promise<PublishedEvent[]> {
    const rows = await this.query<{ routing_key: string; envelope: { payload: Record<string, unknown> } }>(
      'SELECT routing_key, envelope FROM outbox WHERE $1::text IS NULL OR routing_key = $1 ORDER BY id',
      [name ?? null],
    );
    for (const { routing_key: key } of rows)
      if (!allContracts().has(key)) throw new Error(`No contract is called ${key}`);
    return rows.map(({ routing_key: routingKey, envelope }) => ({ routingKey, payload: envelope.payload }));
  }

  /** Waits for `count` mails with a link to an address, and gives the newest link's token. */
  async linkTokenFor(email: string, event = VERIFICATION, count = 1): Promise<string> {
    const tokens = await this.eventually(async () => {
      const found = await this.linksFor(email, event);
      return found.length >= count ? found : undefined;
    });
    return tokenOf(tokens.at(-1)!);
  }

  /** The links mailed to an address, oldest first. */
  async linksFor(email: string, event = VERIFICATION): Promise<string[]> {
    const key = Buffer.from(secrets.EVENT_SECRETS_KEY, 'base64');
    return (await this.events(event))
      .filter(({ payload }) => payload['email'] === email)
      .map(({ payload }) => openSecret(String(payload['sealedLink']), key));
  }

  /** Polls until `look` finds something; fails after half a minute, for the machine may be busy. */
  async eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error('It did not happen within half a minute');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** A user who has confirmed an address of its own. */
  async user(email = newEmail()): Promise<TestUser> {
    const mails = (await this.linksFor(email)).length;
    await this.call('POST', '/auth/register', { email, password: PASSWORD });
    const token = await this.linkTokenFor(email, VERIFICATION, mails + 1);
    const verified = await this.call('POST', '/auth/verify-email', { token });
    if (verified.status !== 200) throw new Error(`Verifying answered ${verified.status}`);
    return { email, password: PASSWORD };
  }

  /** Signs a user in. */
  async login({ email, password }: TestUser, headers: Record<string, string> = {}): Promise<Tokens> {
    const answer = await this.call('POST', '/auth/login', { email, password }, headers);
    if (answer.status !== 200) throw new Error(`Signing in answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Tokens;
  }

  /** Sets up a second factor. */
  async switchOn(accessToken: string): Promise<void> {
    const { secret: key } = (await (await this.as(accessToken, 'POST', '/auth/mfa/totp')).json()) as { secret: string };
    const confirmed = await this.as(accessToken, 'POST', '/auth/mfa/totp/confirm', { code: totpAt(key, Date.now()) });
    if (confirmed.status !== 200) throw new Error(`Switching the second factor on answered ${confirmed.status}`);
  }

  /** Signs a user in and sets up a second factor, so that an administrator's roles are in the token. */
  async loginWithSecondFactor(user: TestUser): Promise<Tokens> {
    const { accessToken, refreshToken } = await this.login(user);
    await this.switchOn(accessToken);
    const raised = await this.call('POST', '/auth/refresh', { refreshToken });
    if (raised.status !== 200) throw new Error(`Refreshing answered ${raised.status}`);
    return (await raised.json()) as Tokens;
  }
}

export function newEmail(): string {
  return `u${randomUUID().slice(0, 18)}@example.com`;
}

export function randomIp(): string {
  return `10.${[...randomBytes(3)].join('.')}`;
}

/** What an access token says; its signature is not looked at. */
export function claimsOf(accessToken: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>;
}

export function tokenOf(link: string): string {
  return new URL(link).searchParams.get('token')!;
}
