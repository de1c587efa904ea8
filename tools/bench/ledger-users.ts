import type pg from 'pg';

/** Six digits, so that every identifier below can be written by its number alone, in pgbench's scripts too. */
export const FIRST_USER = 100_000;

/** Identifiers of the bench's users and their two wallets; `n` is six digits or the name of a pgbench variable. */
export const idsOf = (n: number | string): { user: string; usd: string; eur: string } => ({
  user: `00000000-0000-4000-8000-000000${n}`,
  usd: `00000000-0000-4000-8001-000000${n}`,
  eur: `00000000-0000-4000-8002-000000${n}`,
});

/** SQL for an identifier that grows with time (UUID version 7), as the service gives its transactions. */
export const UUIDV7 = `(lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
  || substr(translate(gen_random_uuid()::text, '-', ''), 14))::uuid`;

/** Users with money, posted as everybody's is; the books of the bench can be verified. */
export async function addUsers(sql: pg.Pool, range: [number, number]): Promise<void> {
  const user = `('00000000-0000-4000-8000-000000' || n)::uuid`;
  const wallet = (kind: 1 | 2): string => `('00000000-0000-4000-800${kind}-000000' || n)`;
  const all = `generate_series($1::int, $2::int) AS n`;
  for (const [kind, currency] of [
    [1, 'USD'],
    [2, 'EUR'],
  ] as const)
    await sql.query(`SELECT open_account(${user}, ${wallet(kind)}::uuid, '${currency}', 'wallet') FROM ${all}`, range);
  await sql.query(
    `SELECT post_transactions(jsonb_build_array(jsonb_build_object('userId', ${user}, 'transactionId', ${UUIDV7},
         'kind', 'adjustment', 'key', 'opening', 'hash', 'aa', 'sourceType', 'bench', 'sourceId', n, 'actor', 'bench',
         'legs', jsonb_build_array(jsonb_build_object('code', 'opening', 'debitSystem', 'adjustments',
           'creditAccount', ${wallet(1)}, 'currency', 'USD', 'amount', '1000000000'))))) FROM ${all}`,
    range,
  );
  await sql.query('VACUUM ANALYZE');
}
