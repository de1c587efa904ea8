import { Client } from 'pg';
import { eventually } from '../tools/demo/client.ts';
import type { TestStack } from '../tools/local/test-stack.ts';

/** Both sides of the books after everything has come to rest. */
export interface Settled {
  /** Currencies whose postings do not sum to zero. */
  unbalanced: string[];
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
  const client = new Client({ connectionString: url });
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
    unbalanced: await unbalancedCurrencies(billing!),
    succeeded: await count(`SELECT count(*)::int AS n FROM payments WHERE status = 'succeeded'`),
    captured: payments.filter(({ captured }) => captured > 0).length,
    credited: await count(
      `SELECT count(*)::int AS n FROM ledger_transfers WHERE debit_kind = 'S' AND debit_ref LIKE 'psp_clearing%'`,
    ),
    published: await count('SELECT count(*)::int AS n FROM outbox WHERE sent_at IS NOT NULL'),
  };
}

/** Balanced by construction, so this can only fail when somebody went round the posting function. */
async function unbalancedCurrencies(url: string): Promise<string[]> {
  const rows = await query<{ currency: string }>(
    url,
    `SELECT b.currency FROM account_balances b JOIN (
       SELECT account_id, sum(delta) AS total FROM ledger_entries GROUP BY account_id
     ) e USING (account_id) WHERE b.available + b.held <> e.total`,
  );
  return rows.map(({ currency }) => currency);
}
