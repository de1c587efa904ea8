// `npm run bench:stack`: how long a warm `npm run up` takes and how much memory each idle service holds. Starts and stops the
// local stack itself, in the directory and on the ports of `npm run up`; the first start only warms it.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { at, localPorts } from '../local/addresses.ts';
import { figure } from './figure.ts';

const ROOT = join(import.meta.dirname, '../..');
const IDLE_SECONDS = Number(process.env['BENCH_IDLE_SECONDS'] ?? 20);
const WARM_SECONDS = 25;
const MEMORY_MB = 200;
const ports = localPorts(process.env);

/** Runs `up` and resolves, with the seconds it took, when it says that everything is ready. */
async function up(): Promise<{ seconds: number; stop: () => Promise<void> }> {
  const began = performance.now();
  const child = spawn(process.execPath, ['tools/local/up.mjs'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  await ready(child);
  const seconds = (performance.now() - began) / 1000;
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await gone;
  };
  return { seconds, stop };
}

function ready(child: ChildProcess): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    child.once('close', (code) => reject(new Error(`npm run up ended with ${code}:\n${said}`)));
    child.stdout!.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (/^Ready in /m.test(said)) resolve();
    });
  });
}

/** What a service's process holds, as the system counts it; megabytes. */
async function residentMb(port: number): Promise<number> {
  const metrics = await (await fetch(`${at(port)}/metrics`)).text();
  const bytes = /^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1];
  if (!bytes) throw new Error(`${at(port)}/metrics does not tell the resident memory`);
  return Number(bytes) / 1024 / 1024;
}

await (await up()).stop();
const warm = await up();
try {
  await delay(IDLE_SECONDS * 1000);
  console.log(`load average ${readFileSync('/proc/loadavg', 'utf8').trim()}`);
  figure('warm-up-seconds', warm.seconds, { atMost: WARM_SECONDS });
  for (const app of ['auth', 'billing', 'notification'] as const) {
    figure(`idle-${app}-mb`, await residentMb(ports[app]), { atMost: MEMORY_MB });
  }
} finally {
  await warm.stop();
}
