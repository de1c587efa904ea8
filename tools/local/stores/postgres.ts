import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { postgresDirectory } from '../binaries.ts';
import { Daemon } from '../daemon.ts';
import { oneLine, StackFault } from '../fault.ts';
import { asUser, giveTo } from '../os-user.ts';
import { assertPortFree } from '../ports.ts';
import type { ProcessRecord } from '../process-record.ts';
import { sqlClient } from '../sql.ts';

const USER = 'postgres';

/** Where a store lives and listens. */
export interface StoreOptions {
  directory: string;
  port: number;
  logDirectory?: string;
  record?: ProcessRecord;
  signal?: AbortSignal;
}

/** Extra server settings of a private PostgreSQL. */
export interface PostgresOptions extends StoreOptions {
  settings?: Record<string, string>;
}

async function initialize(bin: string, directory: string): Promise<void> {
  const data = join(directory, 'data');
  if (existsSync(join(data, 'PG_VERSION'))) return;
  // A folder without PG_VERSION is an initdb that was interrupted.
  rmSync(data, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const passwordFile = join(directory, 'password');
  writeFileSync(passwordFile, randomBytes(18).toString('hex'), { mode: 0o600 });
  giveTo(USER, directory);
  const args = [
    '-D',
    data,
    '-U',
    USER,
    '-A',
    'scram-sha-256',
    `--pwfile=${passwordFile}`,
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
    '--no-sync',
  ];
  const line = asUser(USER, directory, join(bin, 'initdb'), args);
  await promisify(execFile)(line.command, line.args, { cwd: '/' }).catch((error: unknown) => {
    rmSync(data, { recursive: true, force: true });
    throw new StackFault(`initdb failed: ${oneLine((error as { stderr?: string }).stderr || error)}`);
  });
}

async function answers(url: string): Promise<boolean> {
  const client = sqlClient(url, { connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Starts a private PostgreSQL on 127.0.0.1 (fsync on, data kept in `directory`); `url` is the superuser's, of database postgres. */
export async function startPostgres(options: PostgresOptions): Promise<Daemon> {
  const { directory, port } = options;
  const bin = postgresDirectory();
  if (!bin) throw new StackFault('PostgreSQL is not installed', 'Install it: apt-get install postgresql');
  await assertPortFree(port, 'PostgreSQL');
  await initialize(bin, directory);
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '128MB',
    log_timezone: 'UTC',
    timezone: 'UTC',
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const line = asUser(USER, directory, join(bin, 'postgres'), [
    '-D',
    join(directory, 'data'),
    '-p',
    String(port),
    ...flags,
  ]);
  const password = readFileSync(join(directory, 'password'), 'utf8').trim();
  const url = `postgresql://${USER}:${password}@127.0.0.1:${port}/postgres`;
  return Daemon.start({
    name: 'PostgreSQL',
    url,
    ...line,
    cwd: '/',
    env: { PATH: process.env['PATH'], LANG: 'C.UTF-8' },
    logFile: join(options.logDirectory ?? directory, 'postgres.log'),
    // Fast shutdown: open sessions are ended, everything is written; SIGTERM would wait for the clients.
    stopSignal: 'SIGINT',
    ready: () => answers(url),
    // Right after a kill -9 the old backends may still hold the shared memory.
    retries: 4,
    record: options.record,
    signal: options.signal,
  });
}
