import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { idsOf, quoteId } from './ledger-users.ts';

/** What pgbench is to do. */
export interface PgbenchRun {
  databaseUrl: string;
  directory: string;
  /** Number of the first quote that may be spent; those that follow belong to the users of the range in turn. */
  firstQuote: number;
  range: [number, number];
  clients: number;
  seconds: number;
}

/**
 * One conversion by one call of the function the service calls, as the service asks for it; pgbench puts numbers in for `:n` and `:quote`.
 * No two clients meet in a user as long as the range holds as many users for each. What is not converted fails: by zero nothing is divided.
 */
function script({ firstQuote, range: [first, last], clients }: PgbenchRun): string {
  const { user, usd, eur } = idsOf(':n');
  const legs = [
    { code: 'exchanged', debitAccount: usd, creditSystem: 'fx_position', currency: 'USD', amount: '99' },
    { code: 'spread', debitAccount: usd, creditSystem: 'fx_spread', currency: 'USD', amount: '1' },
    { code: 'received', debitSystem: 'fx_position', creditAccount: eur, currency: 'EUR', amount: '90' },
  ];
  const posting = {
    userId: user,
    transactionId: 'TX',
    messageId: 'TX',
    kind: 'conversion',
    key: 'quote QT',
    hash: 'aa',
    sourceType: 'quote',
    sourceId: 'QT',
    actor: user,
    meta: {
      quoteId: 'QT',
      rateSetId: 'TX',
      rate: '0.9',
      amountInMinor: '100',
      amountInCurrency: 'USD',
      spreadMinor: '1',
      amountOutMinor: '90',
      amountOutCurrency: 'EUR',
    },
    postsHolds: [],
    evenFrozen: false,
    legs,
  };
  const conversion = `replace(replace('${JSON.stringify([posting])}', 'TX', gen_random_uuid()::text), 'QT', ${quoteId(':quote')}::text)`;
  return [
    `\\set turn :turn + 1`,
    `\\set place :turn * ${clients} + :client_id`,
    `\\set quote ${firstQuote} + :place`,
    `\\set n ${first} + :place % ${last - first + 1}`,
    `SELECT 1 / cardinality(convert_free_quotes(${conversion}::jsonb));\n`,
  ].join('\n');
}

/** Connections are new and plan the function's statements in their first seconds; the service's have done that long ago. */
export const WARM_UP_SECONDS = 4;

/** Postings per second by pgbench, PostgreSQL's own load generator, once it is warm. */
export async function pgbenchPerSecond(run: PgbenchRun): Promise<number> {
  const { databaseUrl, directory, clients, seconds } = run;
  const file = join(directory, 'posting.sql');
  writeFileSync(file, script(run));
  const duration = ['-T', String(WARM_UP_SECONDS + seconds), '-P', '1'];
  const args = ['-n', '-D', 'turn=-1', '-f', file, '-c', String(clients), '-j', '1', ...duration, databaseUrl];
  const { stdout, stderr } = await promisify(execFile)('pgbench', args);
  const failed = Number(/number of failed transactions: (\d+)/.exec(stdout)?.[1]);
  const rates = [...stderr.matchAll(/^progress: .* ([\d.]+) tps/gm)]
    .map(([, tps]) => Number(tps))
    .slice(WARM_UP_SECONDS);
  const rate = rates.reduce((sum, each) => sum + each, 0) / rates.length;
  if (failed !== 0 || !(rate > 0)) throw new Error(stdout + stderr);
  return rate;
}
