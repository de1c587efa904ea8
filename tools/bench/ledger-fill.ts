import { availableParallelism } from 'node:os';
import type pg from 'pg';
import { UUIDV7 } from './ledger-users.ts';

const IN_ONE_CALL = 20_000;
const USER = `('00000000-0000-4000-8000-000000' || n)::uuid`;
const USD = `('00000000-0000-4000-8001-000000' || n)::uuid`;
const EUR = `('00000000-0000-4000-8002-000000' || n)::uuid`;

/**
 * `$1` conversions of random users between `$2` and `$3`, in random order: the rows the posting function would have written, with
 * gapless sequences and running balances, but set by set; only the hashes are not a chain.
 */
const CHOSEN = `CREATE TEMP TABLE chosen ON COMMIT DROP AS
  SELECT n, ${UUIDV7} AS id, k, usd.seq AS usd_seq, usd.balance AS usd_balance, eur.seq AS eur_seq, eur.balance AS eur_balance
    FROM (SELECT n, row_number() OVER (PARTITION BY n) AS k
            FROM (SELECT $2::int + floor(random() * ($3::int - $2::int + 1))::int AS n FROM generate_series(1, $1::int)) AS drawn) AS numbered
    JOIN account_balances usd ON usd.user_id = ${USER} AND usd.account_id = ${USD}
    JOIN account_balances eur ON eur.user_id = ${USER} AND eur.account_id = ${EUR}
   ORDER BY random()`;
const ROWS = [
  `INSERT INTO ledger_transactions (user_id, id, kind, idempotency_key, request_hash, source_type, source_id, actor, effective_at,
       created_at, meta)
     SELECT ${USER}, id, 'conversion', gen_random_uuid(), '\\xaa', 'bench', id, 'bench', now(), now(), '{}' FROM chosen`,
  `INSERT INTO ledger_transfers (user_id, transaction_id, leg, code, debit_account, debit_system, credit_account, credit_system, currency,
       amount, created_at)
     SELECT ${USER}, id, leg, code, CASE WHEN leg < 2 THEN ${USD} END, CASE leg WHEN 2 THEN 'fx_position' END,
            CASE leg WHEN 2 THEN ${EUR} END, system, currency, amount, now()
       FROM chosen, (VALUES (0, 'exchanged', 'fx_position', 'USD', 99), (1, 'spread', 'fx_spread', 'USD', 1),
                            (2, 'received', NULL, 'EUR', 90)) AS legs (leg, code, system, currency, amount)`,
  `INSERT INTO ledger_entries (user_id, account_id, seq, transaction_id, leg, delta, balance_after, hash, created_at)
     SELECT ${USER}, CASE WHEN leg < 2 THEN ${USD} ELSE ${EUR} END,
            CASE leg WHEN 0 THEN usd_seq + 2 * k - 1 WHEN 1 THEN usd_seq + 2 * k ELSE eur_seq + k END, id, leg, delta,
            CASE leg WHEN 0 THEN usd_balance - 100 * k + 1 WHEN 1 THEN usd_balance - 100 * k ELSE eur_balance + 90 * k END,
            sha256(convert_to(id::text || leg, 'UTF8')), now()
       FROM chosen, (VALUES (0, -99), (1, -1), (2, 90)) AS legs (leg, delta)`,
  `UPDATE account_balances b
      SET seq = last.seq, balance = last.balance_after, head_hash = last.hash
     FROM (SELECT DISTINCT ON (e.user_id, e.account_id) e.user_id, e.account_id, e.seq, e.balance_after, e.hash
             FROM ledger_entries e JOIN chosen ON e.user_id = ${USER} AND e.transaction_id = chosen.id
            ORDER BY e.user_id, e.account_id, e.seq DESC) AS last
    WHERE b.user_id = last.user_id AND b.account_id = last.account_id`,
];

/** Adds so many conversions of the users in a range; on every core one connection, which has users of its own. */
export async function addConversions(sql: pg.Pool, count: number, [first, last]: [number, number]): Promise<void> {
  let missing = count;
  const fillers = availableParallelism();
  const share = Math.floor((last - first + 1) / fillers);
  const filler = async (number: number): Promise<void> => {
    const client = await sql.connect();
    try {
      await client.query('SET synchronous_commit = off');
      const from = first + number * share;
      while (missing > 0) {
        const now = Math.min(IN_ONE_CALL, missing);
        missing -= now;
        await client.query('BEGIN');
        await client.query(CHOSEN, [now, from, from + share - 1]);
        for (const rows of ROWS) await client.query(rows);
        await client.query('COMMIT');
      }
    } finally {
      client.release(true);
    }
  };
  await Promise.all(Array.from({ length: fillers }, (_, number) => filler(number)));
  await sql.query('VACUUM ANALYZE');
}
