import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePorts, type Ports } from './addresses.ts';
import { accepts } from './ports.ts';
import { Stack } from './stack.ts';
import { until } from './wait.ts';
import { RECORD } from './workspace.ts';

const root = join(import.meta.dirname, '../..');
const NAMED = {
  REDIS_URL: 'redis://elsewhere:6379',
  RABBITMQ_URL: 'amqp://elsewhere',
  BILLING_MONGODB_URL: 'mongodb://b',
  NOTIFICATION_MONGODB_URL: 'mongodb://n',
};

let directory: string;
let ports: Ports;
beforeEach(async () => {
  directory = mkdtempSync(join(process.env['TEST_DIRECTORY'] ?? tmpdir(), 'stack-'));
  ports = await freePorts();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const stackWith = (given: NodeJS.ProcessEnv): Stack =>
  new Stack({
    root,
    directory,
    cacheDirectory: join(root, '.local/cache'),
    ports,
    given: { PATH: process.env['PATH'], ...given },
  });

async function listening(): Promise<string[]> {
  const answers = await Promise.all(
    Object.entries(ports).map(async ([name, port]) => ((await accepts(port)) ? [name] : [])),
  );
  return answers.flat();
}

describe('a stack', () => {
  it('uses the stores that the environment names and starts none of its own for them', async () => {
    const stack = stackWith(NAMED);
    for (const store of ['redis', 'rabbit', 'mongo'] as const) await stack.startStore(store);
    expect(stack.environment).toMatchObject(NAMED);
    expect(stack.stores).toEqual({});
    expect(await listening()).toEqual([]);
  });

  it('stops what it started, and nothing is left on record', async () => {
    const stack = stackWith({});
    await Promise.all([stack.startStore('redis'), stack.startStore('postgres'), stack.startSandbox()]);
    expect(await listening()).toEqual(expect.arrayContaining(['redis', 'postgres', 'control', 'stripe']));
    expect(existsSync(join(directory, RECORD))).toBe(true);
    await stack.stop();
    expect(await listening()).toEqual([]);
    expect(existsSync(join(directory, RECORD))).toBe(false);
  });

  it('can be stopped in the middle of starting', async () => {
    const stack = stackWith({});
    const starting = Promise.allSettled([
      stack.startStore('rabbit'),
      stack.startStore('postgres'),
      stack.startStore('mongo'),
    ]);
    await until(async () => (await listening()).length > 0, 30_000, 20);
    await stack.stop();
    expect((await starting).some(({ status }) => status === 'rejected')).toBe(true);
    expect(await listening()).toEqual([]);
    expect(existsSync(join(directory, RECORD))).toBe(false);
  });

  it('keeps its data from one start to the next', async () => {
    const first = stackWith({});
    await first.startStore('postgres');
    const { AUTH_DATABASE_URL } = first.environment;
    await first.stop();
    const second = stackWith({});
    await second.startStore('postgres');
    expect(second.environment['AUTH_DATABASE_URL']).toBe(AUTH_DATABASE_URL);
    await second.stop();
  });
});
