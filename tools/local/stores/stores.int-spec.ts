import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import amqp from 'amqplib';
import { Redis } from 'ioredis';
import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Running } from '../daemon.ts';
import { freePort } from '../ports.ts';
import { ProcessRecord } from '../process-record.ts';
import { sqlClient } from '../sql.ts';
import { RECORD } from '../workspace.ts';
import { startMongo } from './mongo.ts';
import { startPostgres, type StoreOptions } from './postgres.ts';
import { dropDatabases, provision } from './provision.ts';
import { startRabbit } from './rabbit.ts';
import { startRedis } from './redis.ts';

const directory = mkdtempSync(join(process.env['TEST_DIRECTORY'] ?? tmpdir(), 'stores-'));
// Below the test run's directory, so that the run can stop them if this file is ended half-way.
const record = new ProcessRecord(join(directory, RECORD));
const cacheDirectory = join(import.meta.dirname, '../../../.local/cache');
const stores: Partial<Record<'postgres' | 'redis' | 'rabbit' | 'mongo', Running>> = {};

async function place(name: string): Promise<StoreOptions> {
  return { directory: join(directory, name), port: await freePort(), record };
}

beforeAll(async () => {
  const starts = [
    async () => (stores.postgres = await startPostgres(await place('postgres'))),
    async () => (stores.redis = await startRedis(await place('redis'))),
    async () => (stores.rabbit = await startRabbit(await place('rabbit'))),
    async () => (stores.mongo = await startMongo({ ...(await place('mongo')), cacheDirectory })),
  ];
  const outcomes = await Promise.allSettled(starts.map((start) => start()));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
});

afterAll(async () => {
  await Promise.all(Object.values(stores).map((store) => store.stop()));
  rmSync(directory, { recursive: true, force: true });
});

function running(name: keyof typeof stores): Running {
  const store = stores[name];
  if (!store) throw new Error(`${name} has not been started`);
  return store;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = sqlClient(url);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function crash(store: Running): Promise<void> {
  await store.kill('SIGKILL');
  await store.restart();
}

describe('a private store killed with SIGKILL', () => {
  it('keeps what PostgreSQL had committed', async () => {
    const postgres = running('postgres');
    await query(postgres.url, 'create table kept as select 42 as answer');
    await crash(postgres);
    expect(await query(postgres.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('keeps what Redis had written to its file', async () => {
    const redis = running('redis');
    const before = new Redis(redis.url);
    await before.set('kept', '42');
    before.disconnect();
    await crash(redis);
    const after = new Redis(redis.url);
    expect(await after.get('kept')).toBe('42');
    after.disconnect();
  });

  it('keeps a message that RabbitMQ had confirmed', async () => {
    const rabbit = running('rabbit');
    const confirming = async (): Promise<amqp.ConfirmChannel> => {
      const connection = await amqp.connect(rabbit.url);
      connection.on('error', () => undefined);
      const channel = await connection.createConfirmChannel();
      return channel.on('error', () => undefined);
    };
    await (await confirming()).assertQueue('kept', { durable: true });
    // This release may forget a queue, of any kind, when it is killed soon after its declaration: this is about messages.
    await rabbit.kill('SIGTERM');
    await rabbit.restart();
    const channel = await confirming();
    channel.sendToQueue('kept', Buffer.from('42'), { persistent: true });
    await channel.waitForConfirms();
    await crash(rabbit);
    const after = await amqp.connect(rabbit.url);
    const message = await (await after.createChannel()).get('kept', { noAck: true });
    expect(message && message.content.toString()).toBe('42');
    await after.close();
  });

  it('keeps a journaled write of MongoDB, behind the same address', async () => {
    const mongo = running('mongo');
    const client = await mongoose.createConnection(`${mongo.url}&serverSelectionTimeoutMS=30000`).asPromise();
    const items = client.collection('kept');
    await items.insertOne({ answer: 42 }, { writeConcern: { w: 1, journal: true } });
    await crash(mongo);
    expect(await items.findOne({ answer: 42 })).toMatchObject({ answer: 42 });
    await client.close();
  });
});

describe('the databases of a stack', () => {
  it('can be made twice, and the application role cannot change the schema', async () => {
    const { url } = running('postgres');
    const first = await provision(url, { suffix: '_t1' });
    expect(await provision(url, { suffix: '_t1' })).toEqual(first);
    await query(first.AUTH_DATABASE_MIGRATION_URL, 'create table t (id int)');
    await expect(query(first.AUTH_DATABASE_URL, 'create table u (id int)')).rejects.toThrow(
      /permission denied for schema public/,
    );
    await expect(query(first.AUTH_DATABASE_URL, 'select * from t')).rejects.toThrow(/permission denied for table t/);
    await dropDatabases(url, '_t1');
  });

  it('are closed to the other service', async () => {
    const { url } = running('postgres');
    const { AUTH_DATABASE_URL, BILLING_DATABASE_URL } = await provision(url, { suffix: '_t2' });
    const wrong = Object.assign(new URL(AUTH_DATABASE_URL), { pathname: new URL(BILLING_DATABASE_URL).pathname });
    await expect(query(wrong.href, 'select 1')).rejects.toThrow(/permission denied for database/);
    await dropDatabases(url, '_t2');
  });

  it('can be provisioned by several stacks at once', async () => {
    const { url } = running('postgres');
    const suffixes = ['_a', '_b', '_c'];
    const made = await Promise.all(suffixes.map((suffix) => provision(url, { suffix })));
    for (const { BILLING_DATABASE_URL } of made)
      expect(await query(BILLING_DATABASE_URL, 'select 1 as one')).toEqual([{ one: 1 }]);
    for (const suffix of suffixes) await dropDatabases(url, suffix);
  });
});
