// `npm run bench:ledger-growth`: what a posting costs in a ledger of 10,000 postings and in ones ten times as large, up to
// BENCH_POSTINGS, in time and in blocks touched. The rest of the ledger is filled by the same SQL function, many postings to a call.
import { figure } from './figure.ts';
import { idsOf, LedgerLab } from './ledger-lab.ts';
import { pgbenchPerSecond } from './pgbench.ts';

const FIRST_SIZE = 10_000;
const LAST_SIZE = Number(process.env['BENCH_POSTINGS'] ?? 1_000_000);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 8);
const USERS = Number(process.env['BENCH_USERS'] ?? 2_000);
const CLIENTS = 8;
const FLAT = 1.25;
const IN_ONE_CALL = 200;
const FILLERS = 2;

interface Cost {
  perSecond: number;
  blocks: number;
}

const lab = new LedgerLab(USERS);

const postings = async (): Promise<number> =>
  Number((await lab.sql.query<{ count: string }>('SELECT count(*) FROM ledger_transactions')).rows[0]!.count);

/** Conversions of random users until the ledger holds `size` postings. */
async function fill(size: number): Promise<void> {
  let missing = size - (await postings());
  const { user, usd, eur } = idsOf(':n');
  const id = (text: string): string => `replace('${text}', ':n', n::text)`;
  const leg = (code: string, currency: string, amount: number, sides: string): string =>
    `jsonb_build_object('code', '${code}', 'currency', '${currency}', 'amount', '${amount}', ${sides})`;
  const legs = [
    leg('exchanged', 'USD', 99, `'debitAccount', ${id(usd)}, 'creditSystem', 'fx_position'`),
    leg('spread', 'USD', 1, `'debitAccount', ${id(usd)}, 'creditSystem', 'fx_spread'`),
    leg('received', 'EUR', 90, `'debitSystem', 'fx_position', 'creditAccount', ${id(eur)}`),
  ];
  // In the order of the users, so that two fillers never wait for each other in a circle.
  const call = `SELECT post_transactions((SELECT jsonb_agg(jsonb_build_object('userId', ${id(user)}, 'transactionId', gen_random_uuid(),
      'kind', 'conversion', 'key', gen_random_uuid(), 'hash', 'aa', 'sourceType', 'bench', 'sourceId', n, 'actor', 'bench',
      'meta', '{}'::jsonb, 'postsHolds', '[]'::jsonb, 'evenFrozen', false, 'legs', jsonb_build_array(${legs.join()})) ORDER BY n)
    FROM (SELECT $2::int + floor(random() * ($3::int - $2::int + 1))::int AS n FROM generate_series(1, $1::int)) AS chosen))`;
  const filler = async (): Promise<void> => {
    while (missing > 0) {
      const count = Math.min(IN_ONE_CALL, missing);
      missing -= count;
      await lab.sql.query(call, [count, ...lab.range]);
    }
  };
  await Promise.all(Array.from({ length: FILLERS }, filler));
  await lab.sql.query('VACUUM ANALYZE');
}

async function blocks(): Promise<number> {
  const { rows } = await lab.sql.query<{ sum: string }>(
    'SELECT sum(blks_hit + blks_read) FROM pg_stat_database WHERE datname = current_database()',
  );
  return Number(rows[0]!.sum);
}

async function cost(): Promise<Cost> {
  const [before, from] = [await postings(), await blocks()];
  const directory = lab.stack.stack.logDirectory;
  const { databaseUrl, range } = lab;
  const perSecond = await pgbenchPerSecond({ databaseUrl, directory, range, clients: CLIENTS, seconds: SECONDS });
  const to = await blocks();
  return { perSecond, blocks: (to - from) / ((await postings()) - before) };
}

try {
  await lab.start();
  let first: Cost | undefined;
  for (let size = FIRST_SIZE; ; size = Math.min(size * 10, LAST_SIZE)) {
    await fill(size);
    const { perSecond, blocks } = await cost();
    first ??= { perSecond, blocks };
    console.log(`${size} postings: ${perSecond.toFixed(0)}/s, ${blocks.toFixed(0)} blocks touched by each`);
    if (size === LAST_SIZE) {
      figure(`ledger.time_at_${size}_to_${FIRST_SIZE}`, first.perSecond / perSecond, { atMost: FLAT });
      figure(`ledger.blocks_at_${size}_to_${FIRST_SIZE}`, blocks / first.blocks, { atMost: FLAT });
      break;
    }
  }
} finally {
  await lab.stop();
}
