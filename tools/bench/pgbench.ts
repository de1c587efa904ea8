import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { idsOf, UUIDV7 } from './ledger-users.ts';

/** What pgbench is to do. */
export interface PgbenchRun {
  databaseUrl: string;
  directory: string;
  range: [number, number];
  clients: number;
  seconds: number;
}

/** One posting by one call of the function the service calls, with the legs of a conversion; pgbench puts the number in for `:n`. */
function script([first, last]: [number, number]): string {
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
    key: 'TX',
    hash: 'aa',
    sourceType: 'bench',
    sourceId: 'TX',
  };
  const text = JSON.stringify([{ ...posting, actor: user, meta: {}, postsHolds: [], evenFrozen: false, legs }]);
  return `\\set n random(${first}, ${last})\nSELECT post_transactions(replace('${text}', 'TX', ${UUIDV7.replaceAll('\n', ' ')}::text)::jsonb);\n`;
}

/** Connections are new and plan the function's statements in their first seconds; the service's have done that long ago. */
const WARM_UP_SECONDS = 4;

/** Postings per second by pgbench, PostgreSQL's own load generator, once it is warm. */
export async function pgbenchPerSecond({
  databaseUrl,
  directory,
  range,
  clients,
  seconds,
}: PgbenchRun): Promise<number> {
  const file = join(directory, 'posting.sql');
  writeFileSync(file, script(range));
  const duration = ['-T', String(WARM_UP_SECONDS + seconds), '-P', '1'];
  const args = ['-n', '-f', file, '-c', String(clients), '-j', '1', ...duration, databaseUrl];
  const { stdout, stderr } = await promisify(execFile)('pgbench', args);
  const failed = Number(/number of failed transactions: (\d+)/.exec(stdout)?.[1]);
  const rates = [...stderr.matchAll(/^progress: .* ([\d.]+) tps/gm)]
    .map(([, tps]) => Number(tps))
    .slice(WARM_UP_SECONDS);
  const rate = rates.reduce((sum, each) => sum + each, 0) / rates.length;
  if (failed !== 0 || !(rate > 0)) throw new Error(stdout + stderr);
  return rate;
}
