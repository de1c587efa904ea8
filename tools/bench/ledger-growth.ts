// `npm run bench:ledger-growth`: what a posting costs in a ledger of 10,000 postings and in ones ten times as large, up to
// BENCH_POSTINGS: the blocks that the posting's own backend touches and the processor time it uses. What else the server does
// meanwhile, as autovacuum and checkpoints, is not counted. The ledger is filled with the rows of such postings, set by set.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { freePort } from '../local/ports.ts';
import { sqlClient, sqlPool } from '../local/sql.ts';
import { startPostgres } from '../local/stores/postgres.ts';
import { provision } from '../local/stores/provision.ts';
import { figure } from './figure.ts';
import { addConversions } from './ledger-fill.ts';
import { addUsers, FIRST_USER, idsOf, UUIDV7 } from './ledger-users.ts';

const FIRST_SIZE = 10_000;
const LAST_SIZE = Number(process.env['BENCH_POSTINGS'] ?? 1_000_000);
const USERS = Number(process.env['BENCH_USERS'] ?? 2_000);
const FLAT = 1.25;
/** A connection plans the statements of the function anew until it has called it a few times. */
const WARM_UP = 200;
const EXPLAINED = 500;
const TIMED = 3_000;
/** Checkpoints while the ledger is filled would write every block again and again. */
const SETTINGS = { max_wal_size: '8GB', checkpoint_timeout: '1h' };
const CLOCK_TICK_MS = 10;

/** What one posting costs. */
interface Cost {
  blocks: number;
  cpuMs: number;
}

const ROOT = join(import.meta.dirname, '../..');
const directory = mkdtempSync(join(tmpdir(), 'bench-ledger-growth-'));
const range: [number, number] = [FIRST_USER, FIRST_USER + USERS - 1];

/** A call that posts `$1` conversions of random users between `$2` and `$3`. */
const { user, usd, eur } = idsOf(':n');
const id = (text: string): string => `replace('${text}', ':n', n::text)`;
const leg = (code: string, currency: string, amount: number, sides: string): string =>
  `jsonb_build_object('code', '${code}', 'currency', '${currency}', 'amount', '${amount}', ${sides})`;
const legs = [
  leg('exchanged', 'USD', 99, `'debitAccount', ${id(usd)}, 'creditSystem', 'fx_position'`),
  leg('spread', 'USD', 1, `'debitAccount', ${id(usd)}, 'creditSystem', 'fx_spread'`),
  leg('received', 'EUR', 90, `'debitSystem', 'fx_position', 'creditAccount', ${id(eur)}`),
];
const POSTINGS = `(SELECT jsonb_agg(jsonb_build_object('userId', ${id(user)}, 'transactionId', ${UUIDV7},
    'kind', 'conversion', 'key', gen_random_uuid(), 'hash', 'aa', 'sourceType', 'bench', 'sourceId', ${UUIDV7},
    'actor', 'bench', 'meta', '{}'::jsonb, 'postsHolds', '[]'::jsonb, 'evenFrozen', false,
    'legs', jsonb_build_array(${legs.join()})))
  FROM (SELECT $2::int + floor(random() * ($3::int - $2::int + 1))::int AS n FROM generate_series(1, $1::int)) AS chosen)`;

async function migrated(superuser: string): Promise<string> {
  const databases = await provision(superuser);
  const env = { ...process.env, ...databases };
  const child = fork(join(ROOT, 'dist/migrations/run.js'), ['billing'], { env, execArgv: [], stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`The migrations ended with ${code}`);
  return databases.BILLING_DATABASE_MIGRATION_URL;
}

const postings = async (sql: pg.Pool): Promise<number> =>
  Number((await sql.query<{ count: string }>('SELECT count(*) FROM ledger_transactions')).rows[0]!.count);

/** Processor time of a process so far, in milliseconds; the kernel counts it in ticks. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
}

/** Of one posting to a call, on a connection that has called before. */
async function cost(url: string): Promise<Cost> {
  const client = sqlClient(url);
  await client.connect();
  try {
    const { rows: prepared } = await client.query<{ posting: string }>(
      `SELECT jsonb_build_array(posting)::text AS posting FROM jsonb_array_elements(${POSTINGS}) AS posting`,
      [WARM_UP + EXPLAINED + TIMED, ...range],
    );
    // In the order of their identifiers, as they come from the service.
    let used = 0;
    const next = (): string => prepared[used++]!.posting;
    const post = { name: 'post', text: 'SELECT post_transactions($1::jsonb)' };
    for (let n = 0; n < WARM_UP; n++) await client.query({ ...post, values: [next()] });
    let blocks = 0;
    for (let n = 0; n < EXPLAINED; n++) blocks += await touched(client, next());
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const before = cpuOf(rows[0]!.pid);
    for (let n = 0; n < TIMED; n++) await client.query({ ...post, values: [next()] });
    return { blocks: blocks / EXPLAINED, cpuMs: (cpuOf(rows[0]!.pid) - before) / TIMED };
  } finally {
    await client.end();
  }
}

/** Blocks that the statements of one posting found in memory or read, as the backend itself counts them. */
async function touched(client: pg.Client, posting: string): Promise<number> {
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
    `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) SELECT post_transactions('${posting}'::jsonb)`,
  );
  const [{ Plan: plan }] = rows[0]!['QUERY PLAN'];
  return plan['Shared Hit Blocks']! + plan['Shared Read Blocks']!;
}

const postgres = await startPostgres({ directory, port: await freePort(), settings: SETTINGS });
let sql: pg.Pool | undefined;
try {
  const url = await migrated(postgres.url);
  sql = sqlPool(url, 16);
  await addUsers(sql, range);
  const costs: Cost[] = [];
  for (let size = FIRST_SIZE; ; size = Math.min(size * 10, LAST_SIZE)) {
    const began = performance.now();
    await addConversions(sql, size - (await postings(sql)), range);
    const seconds = (performance.now() - began) / 1_000;
    const now = await cost(url);
    costs.push(now);
    console.log(
      `${size} postings, filled in ${seconds.toFixed(0)} s: ${now.blocks.toFixed(1)} blocks touched and ${now.cpuMs.toFixed(2)} ms of processor time by each`,
    );
    if (size >= LAST_SIZE) break;
  }
  const [first, last] = [costs[0]!, costs.at(-1)!];
  figure(`ledger.blocks_at_${LAST_SIZE}_to_${FIRST_SIZE}`, last.blocks / first.blocks, { atMost: FLAT });
  figure(`ledger.cpu_at_${LAST_SIZE}_to_${FIRST_SIZE}`, last.cpuMs / first.cpuMs, { atMost: FLAT });
} finally {
  await sql?.end();
  await postgres.stop();
  rmSync(directory, { recursive: true, force: true });
}
