import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Administrator } from '../demo/administrator.ts';
import { DEMO_SUPERUSER } from '../demo/users.ts';
import { APPS, at, freePorts, type App, type Ports } from './addresses.ts';
import { Stack } from './stack.ts';
import type { StoreName } from './store-urls.ts';
import { dropDatabases, provision } from './stores/provision.ts';
import { REDIS_DATABASES } from './stores/redis.ts';

const ROOT = join(import.meta.dirname, '../..');
const STORES: StoreName[] = ['postgres', 'redis', 'rabbit', 'mongo'];

/** The password that libs/testing gives the roles on the server they share. */
const ROLE_PASSWORD = 'test';

/** What a test may ask of its stack. */
export interface TestStackOptions {
  /** Which services to run; all three when not said. */
  apps?: readonly App[];
  /** More environment for the services. */
  env?: NodeJS.ProcessEnv;
  /** Stores of its own, which the test may kill; otherwise those of the test run are shared, with fresh databases. */
  privateStores?: boolean;
  /** Currencies and plans; left out when not said. */
  seed?: boolean;
}

/** A complete system for one test file. */
export interface TestStack {
  readonly stack: Stack;
  readonly ports: Ports;
  readonly url: Record<App | 'sandbox' | 'stripe' | 'google' | 'fx' | 'mailbox', string>;
  readonly superuser: Administrator;
  stop(): Promise<void>;
}

function needed(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with npm test`);
  return value;
}

/** Databases of the test run's Redis: the first sixteen belong to its workers, the next hands out all the others. */
const REDIS_COUNTER = 16;

/** An empty Redis database that no other stack has: each gets the next one, also when several start at once. */
export async function redisDatabase(): Promise<string> {
  const url = new URL(needed('TEST_REDIS_URL'));
  const redis = new Redis(url.href, { db: REDIS_COUNTER });
  try {
    const turn = await redis.incr('test-stacks');
    url.pathname = `/${REDIS_COUNTER + 1 + ((turn - 1) % (REDIS_DATABASES - REDIS_COUNTER - 1))}`;
    await redis.select(Number(url.pathname.slice(1)));
    await redis.flushdb();
    return url.href;
  } finally {
    await redis.quit();
  }
}

/** The shared stores of the test run, with databases, a Redis database and a message namespace that only this stack uses. */
async function sharedStores(id: string): Promise<{ env: NodeJS.ProcessEnv; discard: () => Promise<void> }> {
  const superuser = needed('TEST_POSTGRES_URL');
  const databases = await provision(superuser, { suffix: `_${id}`, rolePassword: ROLE_PASSWORD });
  const redisUrl = await redisDatabase();
  const mongo = (name: string) =>
    Object.assign(new URL(needed('TEST_MONGODB_URL')), { pathname: `/${name}_${id}` }).href;
  const env = {
    ...databases,
    REDIS_URL: redisUrl,
    RABBITMQ_URL: needed('TEST_RABBITMQ_URL'),
    BILLING_MONGODB_URL: mongo('billing'),
    NOTIFICATION_MONGODB_URL: mongo('notification'),
    MESSAGING_NAMESPACE: `t${id}`,
  };
  return { env, discard: () => dropDatabases(superuser, `_${id}`) };
}

/** Starts stores (or takes fresh databases of the test run's), sandbox and built services on free ports, and resolves when they are ready. */
export async function startTestStack(options: TestStackOptions = {}): Promise<TestStack> {
  const id = randomBytes(5).toString('hex');
  const base = process.env['TEST_DIRECTORY'] ?? tmpdir();
  const directory = join(base, `stack-${id}`);
  mkdirSync(directory, { recursive: true });
  const ports = await freePorts();
  const shared = options.privateStores ? undefined : await sharedStores(id);
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  const own = { PATH, HOME, NODE_COMPILE_CACHE, NODE_ENV: 'development', LOG_LEVEL: 'info' };
  const given = { ...own, ...shared?.env, ...options.env };
  const stack = new Stack({ root: ROOT, directory, cacheDirectory: join(ROOT, '.local/cache'), ports, given });
  const stop = async () => {
    await stack.stop();
    await shared?.discard();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await Promise.all(STORES.map((name) => stack.startStore(name)));
    await Promise.all([stack.migrate(), stack.startSandbox()]);
    await stack.command('auth', ['seed:demo']);
    if (options.seed) await stack.command('billing', ['seed:demo']);
    await Promise.all((options.apps ?? APPS).map((app) => stack.startService(app)));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    stack,
    ports,
    url: {
      auth: at(ports.auth),
      billing: at(ports.billing),
      notification: at(ports.notification),
      sandbox: at(ports.control),
      stripe: at(ports.stripe),
      google: at(ports.google),
      fx: at(ports.fx),
      mailbox: at(ports.mailbox),
    },
    superuser: DEMO_SUPERUSER,
    stop,
  };
}
