// `npm run bench:entitlements`: reads of GET /entitlements/me per second, as a ratio to an empty authenticated route of the same
// service in the same run, for many users in turn. Short slices of the two alternate, each round in the order ABBA, so that what
// slows the machine for a while slows both; the figure is the median of the rounds.
import { type ChildProcess, fork } from 'node:child_process';
import { generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Running } from '../local/daemon.ts';
import { freePort } from '../local/ports.ts';
import { sqlClient } from '../local/sql.ts';
import { startMongo } from '../local/stores/mongo.ts';
import { startPostgres } from '../local/stores/postgres.ts';
import { provision } from '../local/stores/provision.ts';
import { startRabbit } from '../local/stores/rabbit.ts';
import { startRedis } from '../local/stores/redis.ts';
import { figure } from './figure.ts';
import { getPerSecond } from './http-load.ts';

const ROOT = join(import.meta.dirname, '../..');
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 15);
const USERS = Number(process.env['BENCH_USERS'] ?? 2_000);
const SLICE_SECONDS = 0.6;
const WARM_UP_SECONDS = 4;
/** What a slice leaves behind, closed connections and garbage, is not the next one's. */
const DRAIN_MS = 100;
const CONNECTIONS = 32;
const RATIO = 0.7;

const directory = mkdtempSync(join(tmpdir(), 'bench-entitlements-'));
const stops: (() => Promise<unknown>)[] = [];

/** A signer of access tokens and the document its key is read from. */
async function issuer(): Promise<{ jwksUrl: string; token(userId: string): string }> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', use: 'sig', alg: 'ES256' };
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk], revocations: [] })),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => new Promise((resolve) => server.close(resolve)));
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = (userId: string): string => {
    const iat = Math.floor(Date.now() / 1000);
    const claims = { sub: userId, sid: randomUUID(), roles: ['public_user'], email_verified: true, jti: randomUUID() };
    const body = { ...claims, iss: 'http://auth.bench', aud: ['auth', 'billing', 'notification'], iat, exp: iat + 900 };
    const text = `${part({ alg: 'ES256', typ: 'at+jwt', kid: 'bench' })}.${part(body)}`;
    return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
  return { jwksUrl: `http://127.0.0.1:${(server.address() as { port: number }).port}/jwks.json`, token };
}

async function started<T extends Running>(starting: Promise<T>): Promise<string> {
  const store = await starting;
  stops.push(() => store.stop());
  return store.url;
}

/** The service on stores of its own, with `USERS` holders of a subscription. */
async function service(jwksUrl: string): Promise<{ port: number; users: string[] }> {
  const at = async (name: string) => ({ directory: join(directory, name), port: await freePort() });
  const cacheDirectory = join(ROOT, '.local/cache');
  const [postgres, redis, rabbit, mongo] = await Promise.all([
    started(startPostgres(await at('postgres'))),
    started(startRedis(await at('redis'))),
    started(startRabbit(await at('rabbit'))),
    started(startMongo({ ...(await at('mongo')), cacheDirectory })),
  ]);
  const databases = await provision(postgres);
  const port = await freePort();
  const env = {
    ...process.env,
    ...databases,
    NODE_ENV: 'test',
    LOG_LEVEL: 'error',
    REDIS_URL: redis,
    RABBITMQ_URL: rabbit,
    EVENT_SECRETS_KEY: randomBytes(32).toString('base64'),
    AUTH_ISSUER: 'http://auth.bench',
    AUTH_JWKS_URL: jwksUrl,
    BILLING_PORT: String(port),
    BILLING_PUBLIC_URL: `http://127.0.0.1:${port}`,
    BILLING_MONGODB_URL: mongo,
    STRIPE_SECRET_KEY: 'sk_test_bench',
    STRIPE_WEBHOOK_SECRET: 'whsec_bench',
    STRIPE_API_BASE: 'http://127.0.0.1:9',
    FX_PRIMARY_URL: 'http://127.0.0.1:9/rates',
    FX_FALLBACK_URL: 'http://127.0.0.1:9/rates',
  };
  await ended(fork(join(ROOT, 'dist/migrations/run.js'), ['billing'], { env, execArgv: [], stdio: 'ignore' }));
  await ended(fork(join(ROOT, 'dist/apps/billing/src/cli.js'), ['seed:demo'], { env, execArgv: [], stdio: 'ignore' }));
  const worker = fork(join(import.meta.dirname, 'entitlements-worker.ts'), { env, execArgv: [] });
  stops.push(async () => {
    worker.kill('SIGTERM');
    await once(worker, 'exit');
  });
  await Promise.race([once(worker, 'message'), ended(worker)]);
  return { port, users: await subscribers(databases.BILLING_DATABASE_MIGRATION_URL) };
}

async function ended(child: ChildProcess): Promise<void> {
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`a process of the bench ended with ${code}`);
}

async function subscribers(url: string): Promise<string[]> {
  const sql = sqlClient(url);
  await sql.connect();
  await sql.query('CREATE TEMP TABLE holders AS SELECT gen_random_uuid() AS id FROM generate_series(1, $1)', [USERS]);
  await sql.query(`INSERT INTO subscriptions (user_id, id, product, version, paid_until)
     SELECT id, gen_random_uuid(), 'cinema', 1, now() + interval '1 month' FROM holders`);
  await sql.query(`INSERT INTO entitlement_states (user_id, version, items, next_change_at)
     SELECT user_id, 1, jsonb_build_array(jsonb_build_object('product', 'cinema', 'activeUntil', paid_until,
              'features', jsonb_build_object('max_devices', 2, 'video_quality', 'full_hd', 'downloads', true))), paid_until
       FROM subscriptions`);
  const { rows } = await sql.query<{ id: string }>('SELECT id FROM holders');
  await sql.end();
  return rows.map((row) => row.id);
}

/** The value below which a share of all lies. */
const quantile = (values: number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)]!;

try {
  const { jwksUrl, token } = await issuer();
  const { port, users } = await service(jwksUrl);
  const tokens = users.map((userId) => token(userId));
  const slice = async (path: string, seconds = SLICE_SECONDS): Promise<number> => {
    await delay(DRAIN_MS);
    return getPerSecond(port, path, tokens, CONNECTIONS, seconds);
  };
  const empty = (): Promise<number> => slice('/bench/empty');
  const reads = (): Promise<number> => slice('/entitlements/me');
  await slice('/bench/empty', WARM_UP_SECONDS);
  await slice('/entitlements/me', WARM_UP_SECONDS);
  const rounds: { empty: number; reads: number; ratio: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [a, b, c, d] = [await empty(), await reads(), await reads(), await empty()];
    rounds.push({ empty: (a + d) / 2, reads: (b + c) / 2, ratio: (b + c) / (a + d) });
  }
  const ratios = rounds.map((round) => round.ratio);
  const ratio = quantile(ratios, 0.5);
  const perSecond = (of: 'empty' | 'reads'): string =>
    quantile(
      rounds.map((round) => round[of]),
      0.5,
    ).toFixed(0);
  const between = (low: number, high: number): string =>
    `${quantile(ratios, low).toFixed(2)} to ${quantile(ratios, high).toFixed(2)}`;
  console.log(`users ${USERS}, connections ${CONNECTIONS}, rounds ${ROUNDS}`);
  console.log(`median empty ${perSecond('empty')}/s, entitlements ${perSecond('reads')}/s`);
  console.log(`ratio: half of the rounds ${between(0.25, 0.75)}, all ${between(0, 0.999)}`);
  figure('entitlements.reads_ratio', ratio, { atLeast: RATIO });
} finally {
  for (const stop of stops.toReversed()) await stop().catch((error: unknown) => console.error(error));
  rmSync(directory, { recursive: true, force: true });
}
