// `npm run bench:ledger`: postings per second through POST /conversions of the built billing service, through its ConversionsService
// in process, and by pgbench calling the same SQL function with the same legs, at 1, 8 and 32 clients; slices of the three alternate.
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { figure } from './figure.ts';
import { requestsPerSecond } from './http-load.ts';
import { LedgerLab } from './ledger-lab.ts';
import { pgbenchPerSecond } from './pgbench.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 5);
const USERS = Number(process.env['BENCH_USERS'] ?? 2_000);
const CLIENTS = [1, 8, 32];
const RATIO = 0.5;
/** Slices before the first that counts. */
const WARM_UPS = 4;
/** More than any machine of today posts in a second. */
const MOST_PER_SECOND = 4_000;

const VARIANTS = ['pgbench', 'service', 'http'] as const;
type Variant = (typeof VARIANTS)[number];

/** Forwards and backwards, so that none always comes after the same one and what it has left to tidy up. */
const inTurn = (round: number): Variant[] => (round % 2 === 1 ? [...VARIANTS] : VARIANTS.toReversed());

const lab = new LedgerLab(USERS);
let worker: ChildProcess | undefined;

async function startWorker(): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'ledger-worker.ts'), { env: lab.environment, execArgv: [] });
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('The worker of the bench did not start'))),
  ]);
  return child;
}

async function throughService(clients: number): Promise<number> {
  const quotes = (await lab.quotes(SECONDS * MOST_PER_SECOND)).map(({ quoteId, userId }) => ({ quoteId, userId }));
  worker!.send({ clients, seconds: SECONDS, quotes });
  const [{ rate }] = (await once(worker!, 'message')) as [{ rate: number }];
  return rate;
}

async function throughHttp(clients: number): Promise<number> {
  const quotes = await lab.quotes(SECONDS * MOST_PER_SECOND);
  let next = 0;
  const request = (): string => {
    const { quoteId, token } = quotes[next++]!;
    const body = JSON.stringify({ quoteId });
    return (
      `POST /conversions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\nIdempotency-Key: ${randomUUID()}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
    );
  };
  return requestsPerSecond({ port: lab.port, request, status: 201, connections: clients, seconds: SECONDS });
}

async function slice(variant: Variant, clients: number): Promise<number> {
  if (variant === 'service') return throughService(clients);
  if (variant === 'http') return throughHttp(clients);
  const directory = lab.stack.stack.logDirectory;
  const run = { databaseUrl: lab.databaseUrl, directory, range: lab.range, clients, seconds: SECONDS };
  return withoutServices(() => pgbenchPerSecond(run));
}

/** The function alone: what it announces is published afterwards, so that its rate is not that of what comes behind it. */
async function withoutServices<T>(work: () => Promise<T>): Promise<T> {
  const pids = [lab.stack.stack.services.billing!.pid!, worker!.pid!];
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    return await work();
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

try {
  await lab.start();
  worker = await startWorker();
  // A service has run for days: what its compiler has yet to learn is not what is measured.
  for (let round = 0; round < WARM_UPS; round++) await throughHttp(32);
  await throughService(32);
  const rates = new Map<string, number[]>();
  for (let round = 1; round <= ROUNDS; round++) {
    for (const clients of CLIENTS) {
      const said: string[] = [];
      for (const variant of inTurn(round)) {
        const waited = await lab.drained();
        const rate = await slice(variant, clients);
        rates.set(`${variant} ${clients}`, [...(rates.get(`${variant} ${clients}`) ?? []), rate]);
        said.push(`${variant} ${rate.toFixed(0)}/s (after ${waited.toFixed(0)} s of draining)`);
      }
      console.log(`round ${round}, ${clients} clients: ${said.join(', ')}`);
    }
  }
  await lab.drained();
  const of = (variant: Variant, clients: number): number => median(rates.get(`${variant} ${clients}`)!);
  for (const clients of CLIENTS) {
    console.log(
      `${clients} clients, medians: ${VARIANTS.map((variant) => `${variant} ${of(variant, clients).toFixed(0)}/s`).join(', ')}`,
    );
    for (const variant of ['service', 'http'] as const) {
      const ratio = of(variant, clients) / of('pgbench', clients);
      const target = variant === 'http' && clients === 32 ? { atLeast: RATIO } : undefined;
      figure(`ledger.${variant}_to_pgbench_at_${clients}`, ratio, target);
    }
  }
  console.log(await lab.stack.stack.command('billing', ['books:verify']));
} finally {
  if (worker?.exitCode === null) {
    worker.kill('SIGTERM');
    await once(worker, 'exit');
  }
  await lab.stop();
}
