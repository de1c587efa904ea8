import { join } from 'node:path';
import { at, type App } from './addresses.ts';
import { Daemon } from './daemon.ts';
import type { ProcessRecord } from './process-record.ts';

/** How to run one of our own processes under the project's Node. */
export interface ServiceOptions {
  root: string;
  port: number;
  env: NodeJS.ProcessEnv;
  logDirectory: string;
  record?: ProcessRecord;
  signal?: AbortSignal;
}

/** Whether the address answers 200 to a GET. */
async function answers200(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** The built entry file of a service, from the repository's root. */
export const entryOf = (app: App, file: 'main' | 'cli'): string => `dist/apps/${app}/src/${file}.js`;

/** Starts a built service and resolves when it says that it is ready. */
export function startService(app: App, options: ServiceOptions): Promise<Daemon> {
  const url = at(options.port);
  return Daemon.start({
    name: app,
    url,
    command: process.execPath,
    // V8's default young generation grows to 128 MB on a large machine, most of what an idle service would hold.
    args: ['--max-semi-space-size=16', entryOf(app, 'main')],
    cwd: options.root,
    env: options.env,
    logFile: join(options.logDirectory, `${app}.log`),
    ready: () => answers200(`${url}/health/ready`),
    stopDeadlineMs: 15_000,
    record: options.record,
    signal: options.signal,
  });
}

/** Starts the provider sandbox; `port` is its control port. */
export function startSandbox(options: ServiceOptions): Promise<Daemon> {
  const url = at(options.port);
  return Daemon.start({
    name: 'sandbox',
    url,
    command: process.execPath,
    args: ['tools/sandbox/main.ts'],
    cwd: options.root,
    env: options.env,
    logFile: join(options.logDirectory, 'sandbox.log'),
    ready: () => answers200(`${url}/_sandbox/health`),
    record: options.record,
    signal: options.signal,
  });
}
