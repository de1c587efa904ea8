// `npm run bench:events`: events per second from committed outbox rows to committed effects, as a ratio to publishing with
// confirms by bare amqplib in the same run; then the delay from commit to effect at a steady 200 events a second.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { connect } from 'amqplib';
import type pg from 'pg';
import { freePort } from '../local/ports.ts';
import { sqlClient, sqlPool } from '../local/sql.ts';
import { startPostgres } from '../local/stores/postgres.ts';
import { startRabbit } from '../local/stores/rabbit.ts';
import { figure } from './figure.ts';
import { Worker } from './worker.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5);
const EVENTS = Number(process.env['BENCH_EVENTS'] ?? 10_000);
const RATE = 200;
const RATE_SECONDS = 15;
const WINDOW = 50;
const RATIO = 0.4;
/** On two idle cores. */
const P99_MS = 150;

const directory = mkdtempSync(join(tmpdir(), 'bench-events-'));
const stops: (() => Promise<void>)[] = [];

async function stores(): Promise<{ postgres: string; rabbit: string }> {
  const given = { postgres: process.env['BENCH_POSTGRES_URL'], rabbit: process.env['BENCH_RABBITMQ_URL'] };
  if (given.postgres && given.rabbit) return { postgres: given.postgres, rabbit: given.rabbit };
  const [postgres, rabbit] = await Promise.all([
    startPostgres({ directory: join(directory, 'postgres'), port: await freePort() }),
    startRabbit({ directory: join(directory, 'rabbit'), port: await freePort() }),
  ]);
  stops.push(
    () => postgres.stop(),
    () => rabbit.stop(),
  );
  return { postgres: postgres.url, rabbit: rabbit.url };
}

/** A database with the library's tables and one for effects. */
async function database(postgres: string): Promise<{ url: string; sql: pg.Pool }> {
  const name = `bench_${randomUUID().slice(0, 8)}`;
  const admin = sqlClient(postgres);
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const url = Object.assign(new URL(postgres), { pathname: `/${name}` }).href;
  const sql = sqlPool(url, 2);
  const tables = pathToFileURL(join(import.meta.dirname, '../../dist/libs/database/src/index.js')).href;
  const { outboxTablesUpV1 } = (await import(tables)) as { outboxTablesUpV1(role: string): string[] };
  for (const statement of outboxTablesUpV1('CURRENT_USER')) await sql.query(statement);
  await sql.query(
    'CREATE TABLE effects (n bigserial PRIMARY KEY, message_id uuid NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp())',
  );
  return { url, sql };
}

/** Bare amqplib: `EVENTS` persistent messages of the same size to a quorum queue, `WINDOW` unconfirmed at a time; per second. */
async function rawPublishing(url: string, body: Buffer): Promise<number> {
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  const queue = `raw-${randomUUID()}`;
  await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  const started = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next++ < EVENTS) {
      await new Promise<void>((resolve, reject) => {
        channel.sendToQueue(queue, body, { persistent: true }, (error) => (error ? reject(error as Error) : resolve()));
      });
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, lane));
  const perSecond = EVENTS / ((performance.now() - started) / 1_000);
  await channel.deleteQueue(queue);
  await connection.close();
  return perSecond;
}

const INSERT = `INSERT INTO outbox (message_id, routing_key, aggregate_id, aggregate_version, envelope)
  SELECT id, 'billing.topup.settled.v1', gen_random_uuid(), 1, json_build_object('id', id, 'name', 'billing.topup.settled', 'version', 1,
         'occurredAt', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'producer', 'billing',
         'aggregateId', gen_random_uuid(), 'aggregateVersion', 1, 'payload', json_build_object('paymentId', gen_random_uuid(),
         'userId', gen_random_uuid(), 'paidMinor', '1000', 'paidCurrency', 'USD', 'creditedMinor', '1000', 'creditedCurrency', 'USD',
         'transactionId', gen_random_uuid(), 'settledAt', '2026-01-01T00:00:00.000Z'))
    FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, $1)) ids`;

async function effects(sql: pg.Pool): Promise<number> {
  const { rows } = await sql.query<{ n: string }>('SELECT coalesce(max(n), 0) AS n FROM effects');
  return Number(rows[0]?.n);
}

/** Commits `EVENTS` outbox rows at once and waits for their effects; per second. */
async function endToEnd(sql: pg.Pool): Promise<number> {
  await sql.query('TRUNCATE effects RESTART IDENTITY');
  await sql.query('TRUNCATE outbox, inbox');
  await sql.query(INSERT, [EVENTS]);
  const started = performance.now();
  await sql.query("SELECT pg_notify('outbox', '')");
  while ((await effects(sql)) < EVENTS) await delay(20);
  return EVENTS / ((performance.now() - started) / 1_000);
}

/** Milliseconds from commit to committed effect at `RATE` a second: p50, p99. Occurrence is stamped just before the commit. */
async function delays(sql: pg.Pool, producer: Worker): Promise<{ p50: number; p99: number }> {
  await sql.query('TRUNCATE effects RESTART IDENTITY');
  await sql.query('TRUNCATE outbox, inbox');
  const count = RATE * RATE_SECONDS;
  await producer.ask('produce', { count, concurrency: 50, perSecond: RATE });
  while ((await effects(sql)) < count) await delay(20);
  const { rows } = await sql.query<{ p50: number; p99: number }>(
    `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS p50, percentile_cont(0.99) WITHIN GROUP (ORDER BY ms) AS p99
       FROM (SELECT extract(epoch FROM effects.at - outbox.occurred_at)::float8 * 1000 AS ms FROM effects JOIN outbox USING (message_id)) d`,
  );
  return rows[0]!;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function main(): Promise<void> {
  const { postgres, rabbit } = await stores();
  const { url, sql } = await database(postgres);
  stops.unshift(() => sql.end());
  const worker = { databaseUrl: url, urls: [rabbit], namespace: `bench${randomUUID().slice(0, 6)}.` };
  const consumer = await Worker.start({ ...worker, consume: true, relay: false }, join(directory, 'consumer.log'));
  const relay = await Worker.start({ ...worker, consume: false, relay: true }, join(directory, 'relay.log'));
  stops.unshift(
    () => consumer.kill('SIGTERM'),
    () => relay.kill('SIGTERM'),
  );
  const body = Buffer.alloc(600, 'x');
  await endToEnd(sql);
  await rawPublishing(rabbit, body);
  const pairs: { raw: number; whole: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const pair = { raw: await rawPublishing(rabbit, body), whole: await endToEnd(sql) };
    pairs.push(pair);
    console.log(
      `round ${round + 1}: raw ${pair.raw.toFixed(0)}/s, outbox to effect ${pair.whole.toFixed(0)}/s, ratio ${(pair.whole / pair.raw).toFixed(2)}`,
    );
  }
  const { p50, p99 } = await delays(sql, relay);
  figure('events.outbox_to_effect_ratio', median(pairs.map(({ raw, whole }) => whole / raw)), { atLeast: RATIO });
  figure('events.commit_to_effect_p50_ms', p50);
  figure('events.commit_to_effect_p99_ms', p99, { atMost: P99_MS });
}

try {
  await main();
} finally {
  for (const stop of stops) await stop();
  rmSync(directory, { recursive: true, force: true });
}
