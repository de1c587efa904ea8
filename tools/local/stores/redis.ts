import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findProgram } from '../binaries.ts';
import { Daemon } from '../daemon.ts';
import { StackFault } from '../fault.ts';
import { assertPortFree } from '../ports.ts';
import type { StoreOptions } from './postgres.ts';

async function answers(port: number): Promise<boolean> {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

/** How many databases it has: enough for every stack of a test run to have its own. */
export const REDIS_DATABASES = 1024;

/** Starts a private Redis on 127.0.0.1 that keeps its data in an append-only file. */
export async function startRedis(options: StoreOptions): Promise<Daemon> {
  const { directory, port } = options;
  const command = findProgram('redis-server');
  if (!command) throw new StackFault('Redis is not installed', 'Install it: apt-get install redis-server');
  await assertPortFree(port, 'Redis');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: directory,
    appendonly: 'yes',
    save: '',
    databases: String(REDIS_DATABASES),
    'maxmemory-policy': 'noeviction',
  };
  return Daemon.start({
    name: 'Redis',
    url: `redis://127.0.0.1:${port}`,
    command,
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    env: { PATH: process.env['PATH'] },
    logFile: join(options.logDirectory ?? directory, 'redis.log'),
    ready: () => answers(port),
    record: options.record,
    signal: options.signal,
  });
}
