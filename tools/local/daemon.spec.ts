import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Daemon, type DaemonSpec } from './daemon.ts';
import { accepts, assertPortFree, freePort } from './ports.ts';
import { identify, isRunning } from './process-identity.ts';
import { ProcessRecord, stopRecorded } from './process-record.ts';
import { until } from './wait.ts';

let directory: string;
let port: number;
const started: Daemon[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'daemon-'));
  port = await freePort();
});
afterEach(async () => {
  for (const daemon of started.splice(0)) await daemon.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

const record = (): ProcessRecord => new ProcessRecord(join(directory, 'processes.json'));

function spec(script: string, over: Partial<DaemonSpec> = {}): DaemonSpec {
  return {
    name: 'example',
    url: `http://127.0.0.1:${port}`,
    command: process.execPath,
    args: ['-e', script, String(port)],
    env: {},
    logFile: join(directory, 'example.log'),
    ready: () => accepts(port),
    ...over,
  };
}

const LISTEN = "require('net').createServer().listen(Number(process.argv[1]), '127.0.0.1');";
const DEAF = `process.on('SIGTERM', () => {}); ${LISTEN}`;

async function start(script: string, over: Partial<DaemonSpec> = {}): Promise<Daemon> {
  const daemon = await Daemon.start(spec(script, over));
  started.push(daemon);
  return daemon;
}

describe('a daemon', () => {
  it('is started when it serves, and restarts on the same port', async () => {
    const daemon = await start(LISTEN);
    const first = daemon.pid;
    await daemon.kill('SIGKILL');
    expect(await accepts(port)).toBe(false);
    await daemon.restart();
    expect(daemon.pid).not.toBe(first);
    expect(await accepts(port)).toBe(true);
    await daemon.stop();
    expect(daemon.pid).toBeUndefined();
    expect(await accepts(port)).toBe(false);
  });

  it('is killed when it does not listen to its stop signal', async () => {
    const daemon = await start(DEAF, { stopDeadlineMs: 300 });
    await daemon.stop();
    expect(await accepts(port)).toBe(false);
  });

  it('is stopped even when it was paused', async () => {
    const daemon = await start(LISTEN);
    await daemon.kill('SIGSTOP');
    await daemon.stop();
    expect(daemon.pid).toBeUndefined();
  });

  it('fails in one line with its last words and its log when it ends at start', async () => {
    const failing = start("console.error('Error: no such setting'); process.exit(3)");
    await expect(failing).rejects.toThrow(/^example ended at start: Error: no such setting\. Its log: .*example\.log$/);
  });

  it('is tried again when it is allowed retries', async () => {
    const marker = join(directory, 'tried');
    const script = `if (!require('fs').existsSync('${marker}')) { require('fs').writeFileSync('${marker}', ''); process.exit(1); } ${LISTEN}`;
    const daemon = await start(script, { retries: 1 });
    expect(daemon.pid).toBeDefined();
  });

  it('tells when it ends unasked, and only then', async () => {
    const daemon = await start(LISTEN);
    const lines: string[] = [];
    daemon.onUnexpectedExit((line) => lines.push(line));
    await daemon.restart();
    expect(lines).toEqual([]);
    process.kill(daemon.pid ?? 0, 'SIGKILL');
    await until(() => lines.length > 0, 5_000);
    expect(lines).toEqual([expect.stringMatching(/^example ended unexpectedly \(SIGKILL\)/)]);
  });

  it('gives up a start that is called off, leaving nothing behind', async () => {
    const abort = new AbortController();
    const daemon = new Daemon(spec('setInterval(() => {}, 1000)', { signal: abort.signal }));
    const starting = daemon.start();
    const pid = daemon.pid ?? 0;
    abort.abort();
    await expect(starting).rejects.toThrow();
    expect(identify(pid)).toBeUndefined();
  });
});

describe('the record of started processes', () => {
  it('holds what runs and vanishes with the last one', async () => {
    const file = join(directory, 'processes.json');
    const daemon = await start(LISTEN, { record: record() });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject([{ name: 'example', pid: daemon.pid }]);
    await daemon.stop();
    expect(existsSync(file)).toBe(false);
  });

  it('lets a later run stop what a crashed one left', async () => {
    const file = join(directory, 'processes.json');
    const daemon = await start(DEAF, { record: record() });
    const left = identify(daemon.pid ?? 0);
    expect(await stopRecorded(file, 300)).toEqual(['example']);
    expect(left && isRunning(left)).toBe(false);
  });

  it('spares a stranger that got the same process id', async () => {
    const daemon = await start(LISTEN);
    const written = new ProcessRecord(join(directory, 'processes.json'));
    written.add({ pid: daemon.pid ?? 0, startTime: '1', name: 'gone', stopSignal: 'SIGKILL' });
    expect(await stopRecorded(join(directory, 'processes.json'))).toEqual([]);
    expect(await accepts(port)).toBe(true);
  });
});

describe('a port', () => {
  it('that is taken is named together with the mend', async () => {
    await start(LISTEN);
    await expect(assertPortFree(port, 'billing')).rejects.toThrow(
      new RegExp(`^port ${port} for billing is taken\\. Find its owner`),
    );
  });
});
