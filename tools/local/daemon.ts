import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { StackFault } from './fault.ts';
import { identify } from './process-identity.ts';
import type { ProcessRecord } from './process-record.ts';
import { tellingLine } from './telling-line.ts';
import { until } from './wait.ts';

/** How to run one long-lived process. */
export interface DaemonSpec {
  name: string;
  /** Where clients reach it. */
  url: string;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd?: string;
  logFile: string;
  /** The signal that asks it to end in good order. */
  stopSignal?: NodeJS.Signals;
  stopDeadlineMs?: number;
  /** Answers whether it serves; asked until `readyDeadlineMs`. */
  ready: () => Promise<boolean>;
  readyDeadlineMs?: number;
  /** Starts again this often when it ends before it serves (a store may refuse right after its predecessor was killed). */
  retries?: number;
  record?: ProcessRecord;
  /** Ends a start that is under way. */
  signal?: AbortSignal;
}

/** What every starter returns: one running server. */
export interface Running {
  readonly name: string;
  readonly url: string;
  /** The process id while it runs. */
  readonly pid: number | undefined;
  /** Ends it in good order, with SIGKILL after its deadline. */
  stop(): Promise<void>;
  /** Sends a signal (SIGKILL by default); for SIGKILL and SIGTERM waits until the process has gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Stops it if it runs, starts it again on the same ports and data, and waits until it serves. */
  restart(): Promise<void>;
}

/** A child process of ours that serves something: started, watched, stopped, restarted. */
export class Daemon implements Running {
  readonly #spec: DaemonSpec;
  #child: ChildProcess | undefined;
  #stopping = false;
  #serving = false;
  /** Length of the log before the present start. */
  #logged = 0;
  #onUnexpectedExit: ((line: string) => void) | undefined;

  constructor(spec: DaemonSpec) {
    this.#spec = spec;
  }

  /** Starts the process and resolves when it serves. */
  static async start(spec: DaemonSpec): Promise<Daemon> {
    const daemon = new Daemon(spec);
    await daemon.start();
    return daemon;
  }

  get name(): string {
    return this.#spec.name;
  }

  get url(): string {
    return this.#spec.url;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get logFile(): string {
    return this.#spec.logFile;
  }

  /** Calls back with one line when the process, having served, ends although nobody asked it to. */
  onUnexpectedExit(listener: (line: string) => void): void {
    this.#onUnexpectedExit = listener;
  }

  async start(): Promise<void> {
    let attempts = (this.#spec.retries ?? 0) + 1;
    for (;;) {
      this.#spec.signal?.throwIfAborted();
      attempts--;
      const child = this.#spawn();
      const outcome = await this.#untilReadyOrGone(child);
      if (outcome === 'ready') {
        this.#serving = true;
        return;
      }
      if (this.#stopping) throw new StackFault(`${this.name} was stopped while it started`);
      if (outcome === 'late') {
        await this.stop();
        throw new StackFault(`${this.name} did not become ready in time`, `Its log: ${this.#spec.logFile}`);
      }
      if (attempts === 0)
        throw new StackFault(`${this.name} ended at start${this.#lastWords()}`, `Its log: ${this.#spec.logFile}`);
      await until(() => false, 500);
    }
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#stopping = true;
    // A process paused with SIGSTOP would not hear the stop signal.
    child.kill('SIGCONT');
    child.kill(this.#spec.stopSignal ?? 'SIGTERM');
    // One that does not serve yet has nothing to lose, and may not be listening for signals yet.
    const deadlineMs = this.#serving ? (this.#spec.stopDeadlineMs ?? 10_000) : 2_000;
    if (!(await until(() => this.#child !== child, deadlineMs, 20))) await this.kill('SIGKILL');
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (!child) return;
    if (signal === 'SIGKILL' || signal === 'SIGTERM') this.#stopping = true;
    child.kill(signal);
    if (this.#stopping) await until(() => this.#child !== child, 30_000, 20);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  #spawn(): ChildProcess {
    const { command, args, env, cwd, logFile, record } = this.#spec;
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, 'a');
    this.#logged = fstatSync(log).size;
    // Its own process group: Ctrl-C in the terminal reaches us alone, and we stop the others in order.
    const child = spawn(command, args, { env, cwd, detached: true, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child = child;
    this.#stopping = false;
    const pid = child.pid;
    const identity = pid === undefined ? undefined : identify(pid);
    if (identity) record?.add({ ...identity, name: this.name, stopSignal: this.#spec.stopSignal ?? 'SIGTERM' });
    const gone = (how: string) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      if (pid !== undefined) record?.remove(pid);
      const served = this.#serving;
      this.#serving = false;
      if (served && !this.#stopping)
        this.#onUnexpectedExit?.(`${this.name} ended unexpectedly (${how}). Its log: ${logFile}`);
    };
    child.once('exit', (code, signal) => gone(signal ?? `exit code ${code}`));
    child.once('error', (error) => gone(error.message));
    return child;
  }

  async #untilReadyOrGone(child: ChildProcess): Promise<'ready' | 'gone' | 'late'> {
    let ready = false;
    const { signal, readyDeadlineMs = 60_000 } = this.#spec;
    const settled = async () => this.#child !== child || signal?.aborted === true || (ready = await this.#spec.ready());
    await until(settled, readyDeadlineMs);
    if (signal?.aborted) await this.stop();
    if (this.#child !== child) return 'gone';
    return ready ? 'ready' : 'late';
  }

  /** What the process said since it was started, in the one line that tells most. */
  #lastWords(): string {
    const said = tellingLine(readFileSync(this.#spec.logFile).subarray(this.#logged).toString());
    return said ? `: ${said}` : '';
  }
}
