import { createHash } from 'node:crypto';
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

/** The system's limit for the path of a socket, less what the engine appends to its directory. */
const LONGEST_SOCKET_DIRECTORY = 107 - '/embedded-mongodb-XXXXXX/mongodb.sock'.length;

/**
 * Where the engine makes its socket, of this instance alone so that what a killed engine left can be removed at the next start:
 * the instance's own directory, or one named after it where that path is too long for a socket.
 */
export function socketDirectory(directory: string): string {
  if (directory.length <= LONGEST_SOCKET_DIRECTORY) return directory;
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  return join('/tmp', `mongo-${name}`);
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
  const sockets = socketDirectory(directory);
  mkdirSync(sockets, { recursive: true, mode: 0o700 });
  const words = [...loader, process.execPath, HOST_SCRIPT, data, String(port)];
  return Daemon.start({
    name: 'MongoDB',
    url: `mongodb://127.0.0.1:${port}/?directConnection=true`,
    command: words[0] ?? process.execPath,
    args: words.slice(1),
    env: { PATH: process.env['PATH'], TMPDIR: sockets },
    logFile: join(options.logDirectory ?? directory, 'mongo.log'),
    ready: () => accepts(port),
    record: options.record,
    signal: options.signal,
  });
}
