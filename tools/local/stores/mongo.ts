import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Daemon } from '../daemon.ts';
import { StackFault } from '../fault.ts';
import { accepts, assertPortFree } from '../ports.ts';
import { engineLoader } from './glibc.ts';
import type { StoreOptions } from './postgres.ts';

const HOST_SCRIPT = fileURLToPath(new URL('./mongo-host.mjs', import.meta.url));

/** A private MongoDB; `cacheDirectory` keeps the newer C library that Debian 12 needs for the engine. */
export interface MongoOptions extends StoreOptions {
  cacheDirectory: string;
}

/** Starts MongoDB's own engine in one process of ours, reached over TCP on 127.0.0.1 at a port that survives restarts. */
export async function startMongo(options: MongoOptions): Promise<Daemon> {
  const { directory, port } = options;
  if (process.platform !== 'linux')
    throw new StackFault('the embedded MongoDB runs on Linux', 'Set BILLING_MONGODB_URL and NOTIFICATION_MONGODB_URL');
  const loader = await engineLoader(options.cacheDirectory);
  await assertPortFree(port, 'MongoDB');
  const data = join(directory, 'data');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const [command = process.execPath, ...args] = [...loader, process.execPath, HOST_SCRIPT, data, String(port)];
  return Daemon.start({
    name: 'MongoDB',
    url: `mongodb://127.0.0.1:${port}/?directConnection=true`,
    command,
    args,
    // The engine makes its socket in the temporary directory: inside ours, a killed engine leaves nothing elsewhere.
    env: { PATH: process.env['PATH'], TMPDIR: directory },
    logFile: join(options.logDirectory ?? directory, 'mongo.log'),
    ready: () => accepts(port),
    record: options.record,
    signal: options.signal,
  });
}
