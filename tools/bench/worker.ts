import { type ChildProcess, fork } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, 'events-worker.ts');

/** What a worker is to be. */
export interface WorkerOptions {
  databaseUrl: string;
  urls: string[];
  namespace: string;
  consume: boolean;
  relay: boolean;
  settings?: Record<string, unknown>;
}

/** A process of the event flow, asked over IPC. */
export class Worker {
  readonly gone: Promise<void>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (fault: Error) => void }>();
  #sequence = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.gone = new Promise((resolve) => child.once('exit', () => resolve()));
    void this.gone.then(() => this.#waiting.forEach(({ reject }) => reject(new Error('The worker has ended'))));
    child.on('message', ({ id, answer }: { id?: number; answer?: unknown }) => {
      if (id === undefined) return;
      this.#waiting.get(id)?.resolve(answer);
      this.#waiting.delete(id);
    });
  }

  /** Starts a worker and resolves when it works. */
  static async start(options: WorkerOptions, logFile: string): Promise<Worker> {
    const log = openSync(logFile, 'a');
    const child = fork(SCRIPT, [JSON.stringify(options)], { stdio: ['ignore', log, log, 'ipc'], execArgv: [] });
    const worker = new Worker(child);
    await new Promise<void>((resolve, reject) => {
      child.on('message', ({ ready }: { ready?: boolean }) => ready && resolve());
      void worker.gone.then(() =>
        reject(new Error(`The worker ended at start: ${readFileSync(logFile, 'utf8').slice(-1_500)}`)),
      );
    });
    return worker;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  ask<T>(ask: string, details: object = {}): Promise<T> {
    const id = ++this.#sequence;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (answer) => resolve(answer as T), reject });
      this.#child.send({ id, ask, ...details }, (error) => error && reject(error));
    });
  }

  /** Sends a signal and, unless it only pauses, resolves when the process has gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#child.kill(signal);
    if (signal === 'SIGKILL' || signal === 'SIGTERM') await this.gone;
  }
}
