// `npm run bench:auth`: sign-ins as a ratio to hashing alone at the same parameters, refreshes, and an authenticated route as a ratio
// to the same route without authentication, and how long balances take to read beside a flood of sign-ins. Variants take turns, figures
// are medians. Starts and stops private stores and the services.
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hash } from '@node-rs/argon2';
import { sqlClient } from '../local/sql.ts';
import { startTestStack, type TestStack } from '../local/test-stack.ts';
import { ARGON2, PASSWORD } from './auth-password.ts';
import { figure } from './figure.ts';
import { requestsPerSecond as postsPerSecond } from './http-load.ts';
import { type Load, requestsPerSecond } from './pipelined.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 9);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 4);
const USERS = 2_000;
/** Fewer than a full house, and one: a queue of a fifth of a second. */
const FEW_AT_ONCE = 8;
const MANY_AT_ONCE = 32;
const FLOOD = 100;
const READS_PER_SECOND = 100;

interface Tokens {
  accessToken: string;
  refreshToken: string;
}

const emailOf = (n: number): string => `bench-${n}@example.com`;
const quantile = (values: number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)]!;
const median = (values: number[]): number => quantile(values, 0.5);
const p99 = (values: number[]): number => quantile(values, 0.99);

/** Users with one password, put straight into the database. */
async function addUsers(databaseUrl: string): Promise<void> {
  const client = sqlClient(databaseUrl);
  await client.connect();
  await client.query(
    `INSERT INTO users (id, email, email_verified_at, password_hash, locale)
     SELECT gen_random_uuid(), 'bench-' || n || '@example.com', now(), $1, 'en' FROM generate_series(0, $2 - 1) AS n`,
    [await hash(PASSWORD, ARGON2), USERS],
  );
  await client.end();
}

/** How often per second `work` finishes when `atOnce` of it are always under way. */
async function perSecond(atOnce: number, work: (lane: number) => Promise<unknown>): Promise<number> {
  const began = performance.now();
  const until = began + SECONDS * 1000;
  let done = 0;
  const lanes = Array.from({ length: atOnce }, async (_, lane) => {
    while (performance.now() < until) {
      await work(lane);
      done++;
    }
  });
  await Promise.all(lanes);
  return done / ((performance.now() - began) / 1000);
}

/** Every call comes from another address: the limits per network are not what is measured. */
const randomAddress = (): string => `10.${[...randomBytes(3)].join('.')}`;

/** Whose call it is, and what must come of it. */
interface Expected {
  token?: string;
  status?: number;
}

async function post(url: string, body: object, { token, status = 200 }: Expected = {}): Promise<Tokens> {
  const headers = {
    ...(token && { authorization: `Bearer ${token}` }),
    'content-type': 'application/json',
    'x-forwarded-for': randomAddress(),
    'user-agent': 'bench/1.0',
  };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (answer.status !== status) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Tokens;
}

/** Written by hand: what an HTTP client takes of the processor would be counted against the service. */
function signInRequest(): string {
  const body = JSON.stringify({ email: emailOf(nextUser++ % USERS), password: PASSWORD });
  const headers = `host: bench\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nuser-agent: bench/1.0`;
  return `POST /auth/login HTTP/1.1\r\n${headers}\r\nx-forwarded-for: ${randomAddress()}\r\n\r\n${body}`;
}

let nextUser = 0;
const signIn = (url: string): Promise<Tokens> =>
  post(`${url}/auth/login`, { email: emailOf(nextUser++ % USERS), password: PASSWORD });

/** Sign-ins of few and of many at once, in turns with hashing alone. What the service can do shows when it is full. */
async function signInRatio(url: string): Promise<void> {
  const signIns = (connections: number): Promise<number> =>
    postsPerSecond({
      port: Number(new URL(url).port),
      request: signInRequest,
      status: 200,
      connections,
      seconds: SECONDS,
    });
  const hashes = fork(join(import.meta.dirname, 'auth-hashes.ts'));
  const hashing = async (): Promise<number> => {
    hashes.send(SECONDS);
    return ((await once(hashes, 'message')) as [number])[0];
  };
  const [raw, few, many]: [number[], number[], number[]] = [[], [], []];
  try {
    // A service in production is warm.
    await signIns(MANY_AT_ONCE);
    for (let round = 0; round < ROUNDS; round++) {
      raw.push(await hashing());
      few.push(await signIns(FEW_AT_ONCE));
      many.push(await signIns(MANY_AT_ONCE));
    }
  } finally {
    hashes.kill('SIGTERM');
    await once(hashes, 'exit');
  }
  figure('sign-ins-per-second', median(many));
  figure('sign-ins-to-raw-argon2id', median(many) / median(raw), { atLeast: 0.85 });
  figure(`sign-ins-to-raw-argon2id-with-${FEW_AT_ONCE}-at-once`, median(few) / median(raw));
}

async function refreshes(url: string): Promise<void> {
  const families = await Promise.all(Array.from({ length: 16 }, () => signIn(url)));
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rates.push(
      await perSecond(families.length, async (lane) => {
        families[lane] = await post(`${url}/auth/refresh`, { refreshToken: families[lane]!.refreshToken });
      }),
    );
  }
  figure('refreshes-per-second', median(rates));
}

async function authenticatedRatio(url: string, stack: TestStack): Promise<void> {
  const { accessToken } = await signIn(url);
  const { server, port } = await startRoutes(url, stack.stack.environment);
  const open: Slice[] = [];
  const closed: Slice[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      open.push(await slice(server, { port, path: '/open', seconds: SECONDS, token: accessToken }));
      closed.push(await slice(server, { port, path: '/closed', seconds: SECONDS, token: accessToken }));
    }
  } finally {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
  const rate = (slices: Slice[]): number => median(slices.map(({ perSecond }) => perSecond));
  const cost = (slices: Slice[]): number => median(slices.map(({ microseconds }) => microseconds));
  figure('authenticated-requests-per-second', rate(closed));
  figure('authenticated-to-open-route', rate(closed) / rate(open), { atLeast: 0.85 });
  figure('authenticated-to-open-route-by-processor-time', cost(open) / cost(closed), { atLeast: 0.85 });
}

/** One turn of a variant: answers per second, and processor time per answer. */
interface Slice {
  perSecond: number;
  microseconds: number;
}

async function slice(server: ChildProcess, load: Load): Promise<Slice> {
  const before = await processorTime(server);
  const perSecond = await requestsPerSecond(load);
  return { perSecond, microseconds: ((await processorTime(server)) - before) / (perSecond * load.seconds) };
}

async function processorTime(server: ChildProcess): Promise<number> {
  server.send('how much?');
  const [{ user, system }] = (await once(server, 'message')) as [NodeJS.CpuUsage];
  return user + system;
}

async function startRoutes(url: string, env: NodeJS.ProcessEnv): Promise<{ server: ChildProcess; port: number }> {
  const server = fork(join(import.meta.dirname, 'auth-routes.ts'), [url], { env });
  const [port] = (await once(server, 'message')) as [number];
  return { server, port };
}

/** How long reads take that are asked for at a steady pace, whether earlier ones are answered or not; milliseconds. */
async function readsAtPace(url: string, token: string): Promise<number[]> {
  const reads: Promise<number>[] = [];
  const until = performance.now() + SECONDS * 1000;
  while (performance.now() < until) {
    reads.push(readTime(url, token));
    await delay(1_000 / READS_PER_SECOND);
  }
  return Promise.all(reads);
}

async function readTime(url: string, token: string): Promise<number> {
  const from = performance.now();
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
  await answer.text();
  return performance.now() - from;
}

/** What a flood of sign-ins does to those who are signed in: reading balances at a steady pace, with and without it. */
async function readsBesideSignIns({ auth, billing }: TestStack['url']): Promise<void> {
  const { accessToken } = await signIn(auth);
  const created = { token: accessToken, status: 201 };
  await post(`${billing}/profiles`, {}, created);
  await post(`${billing}/accounts`, { currency: 'PNT' }, created);
  const flood = { port: Number(new URL(auth).port), request: signInRequest, status: 200, connections: FLOOD };
  const read = (): Promise<number[]> => readsAtPace(`${billing}/accounts`, accessToken);
  await read();
  const [alone, beside]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(p99(await read()));
    const [times] = await Promise.all([read(), postsPerSecond({ ...flood, seconds: SECONDS })]);
    beside.push(p99(times));
  }
  figure('balance-reads-p99-ms', median(alone));
  figure('balance-reads-beside-a-hundred-sign-ins-p99-ms', median(beside));
  figure('balance-reads-p99-beside-sign-ins-to-alone', median(beside) / median(alone), { atMost: 2 });
}

const stack = await startTestStack({
  privateStores: true,
  apps: ['auth', 'billing'],
  env: { TRUST_PROXY: '127.0.0.1', LOG_LEVEL: 'warn' },
});
try {
  await addUsers(String(stack.stack.environment['AUTH_DATABASE_MIGRATION_URL']));
  await signInRatio(stack.url.auth);
  await refreshes(stack.url.auth);
  await authenticatedRatio(stack.url.auth, stack);
  await readsBesideSignIns(stack.url);
} finally {
  await stack.stop();
}
