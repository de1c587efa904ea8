import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isRunning, type ProcessIdentity } from './process-identity.ts';
import { until } from './wait.ts';

/** One started process, as written down for whoever has to clean up after a crash. */
export interface RecordedProcess extends ProcessIdentity {
  name: string;
  stopSignal: NodeJS.Signals;
}

/** The file in which a stack writes down what it started, in order, so that a later run can stop what a crashed run left behind. */
export class ProcessRecord {
  readonly #file: string;
  #processes: RecordedProcess[] = [];

  constructor(file: string) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
  }

  add(process: RecordedProcess): void {
    this.#processes.push(process);
    this.#write();
  }

  remove(pid: number): void {
    this.#processes = this.#processes.filter((one) => one.pid !== pid);
    this.#write();
  }

  #write(): void {
    if (this.#processes.length === 0) return rmSync(this.#file, { force: true });
    // Renamed into place, so that a crash leaves either the old list or the new one.
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#processes, null, 1));
    renameSync(`${this.#file}.new`, this.#file);
  }
}

function readRecord(file: string): RecordedProcess[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RecordedProcess[];
  } catch {
    return [];
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended in the meantime, which is what was wanted.
  }
}

/**
 * Stops, last started first, the recorded processes that still run, each with its own stop signal and SIGKILL after `deadlineMs`.
 * Returns the names of those it stopped.
 */
export async function stopRecorded(file: string, deadlineMs = 10_000): Promise<string[]> {
  const left = readRecord(file).filter(isRunning).toReversed();
  for (const one of left) {
    signal(one.pid, 'SIGCONT');
    signal(one.pid, one.stopSignal);
    if (!(await until(() => !isRunning(one), deadlineMs))) signal(one.pid, 'SIGKILL');
    await until(() => !isRunning(one), deadlineMs);
  }
  rmSync(file, { force: true });
  return left.map((one) => one.name);
}
