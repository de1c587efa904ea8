import { sqlClient } from '#libs/testing';
import { eventually } from '../tools/demo/client.ts';
import type { TestStack } from '../tools/local/test-stack.ts';

/** Both sides of the books after everything has come to rest. */
export interface Settled {
  /** Accounts whose balance is not the sum of their postings. */
  drifted: string[];
  /** Payments billing took for paid. */
  succeeded: number;
  /** Payments the provider captured. */
  captured: number;
  /** Ledger credits that came from a payment. */
  credited: number;
  /** Events published. */
  published: number;
}

async function query<T extends object>(url: string, sql: string): Promise<T[]> {
  const client = sqlClient(url);
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

const environmentOf = (stack: TestStack) => stack.stack.environment as Record<string, string>;

/** Waits until no event is left unpublished in either database, and counts both sides. */
export async function settled(stack: TestStack): Promise<Settled> {
  const { AUTH_DATABASE_MIGRATION_URL: auth, BILLING_DATABASE_MIGRATION_URL: billing } = environmentOf(stack);
  for (const url of [auth!, billing!]) {
    await eventually('the outbox should drain', async () => {
      const [row] = await query<{ unsent: number }>(
        url,
        'SELECT count(*)::int AS unsent FROM outbox WHERE sent_at IS NULL',
      );
      return row!.unsent === 0;
    });
  }
  const truth = await fetch(`${stack.url.sandbox}/_sandbox/stripe/truth`, {
    headers: { authorization: 'Bearer sandbox' },
  });
  const { payments } = (await truth.json()) as { payments: { captured: number }[] };
  const count = async (sql: string) => (await query<{ n: number }>(billing!, sql))[0]!.n;
  return {
    drifted: await driftedAccounts(billing!),
    succeeded: await count(`SELECT count(*)::int AS n FROM payments WHERE status = 'succeeded'`),
    captured: payments.filter(({ captured }) => captured > 0).length,
    credited: await count(`SELECT count(*)::int AS n FROM ledger_transfers WHERE debit_system = 'psp_clearing'`),
    published: await count('SELECT count(*)::int AS n FROM outbox WHERE sent_at IS NOT NULL'),
  };
}

/** Accounts whose stored balance is not the sum of their postings. */
async function driftedAccounts(url: string): Promise<string[]> {
  const rows = await query<{ account_id: string }>(
    url,
    `SELECT b.account_id FROM account_balances b
       LEFT JOIN (SELECT account_id, sum(delta) AS total FROM ledger_entries GROUP BY account_id) e USING (account_id)
      WHERE b.balance <> coalesce(e.total, 0)`,
  );
  return rows.map((row) => row.account_id);
}
