import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { answerOf, hangUp } from './deadline.js';
import { TopologyMismatchError } from './topology.js';

/** Milliseconds for opening a socket and for declaring everything on it. */
const CONNECT_TIMEOUT_MS = 5_000;
const SET_UP_TIMEOUT_MS = 15_000;
const HEARTBEAT_SECONDS = 5;
const MAX_PAUSE_MS = 5_000;

/** One connection to the broker that comes back for ever, with jitter, going round the nodes. */
export class BrokerConnection {
  private readonly logger: Logger;
  private readonly closing = new AbortController();
  private model: ChannelModel | undefined;
  private running: Promise<void> | undefined;
  private ready = false;
  private blockedReason: string | undefined;
  private lastFault: Error | undefined;

  constructor(
    private readonly name: string,
    private readonly urls: string[],
    private readonly setUp: (model: ChannelModel) => Promise<void>,
    private readonly onLost: () => void = () => undefined,
    private readonly onReady: () => void = () => undefined,
    private readonly setUpTimeoutMs = SET_UP_TIMEOUT_MS,
  ) {
    this.logger = new Logger(`Broker ${name}`);
  }

  get connected(): boolean {
    return this.ready;
  }

  /** The broker has raised an alarm (disk, memory) and reads nothing we publish. */
  get blocked(): boolean {
    return this.blockedReason !== undefined;
  }

  get fault(): Error | undefined {
    return this.ready ? undefined : this.lastFault;
  }

  /** Starts connecting and resolves when the first try has ended, well or not; rejects only on a topology mismatch. */
  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const firstTry = (fault?: Error): void => {
        if (!(fault instanceof TopologyMismatchError)) return resolve();
        this.closing.abort();
        reject(fault);
      };
      this.running = this.keepConnected(firstTry);
    });
  }

  /** A channel of its own on the present connection, if there is one. */
  async openChannel(): Promise<Channel | undefined> {
    return this.ready && this.model ? answerOf('opening a channel', this.model.createChannel()) : undefined;
  }

  /** Drops the connection so that it is set up anew, for a channel or queue that has gone. */
  async restart(reason: string): Promise<void> {
    if (!this.model || this.closing.signal.aborted) return;
    this.logger.warn(`Setting up again: ${reason}`);
    // What is sent on it from now on would not arrive.
    this.ready = false;
    await hangUp(this.model);
  }

  async close(): Promise<void> {
    this.closing.abort();
    if (this.model) await hangUp(this.model);
    await this.running;
  }

  private async keepConnected(firstTry: (fault?: Error) => void): Promise<void> {
    for (let failures = 0; !this.closing.signal.aborted;) {
      try {
        await this.connectOnce(failures, () => {
          failures = 0;
          firstTry();
        });
      } catch (error) {
        failures++;
        this.lastFault = error as Error;
        this.logger.warn(`Not connected (try ${failures}): ${(error as Error).message}`);
        firstTry(error as Error);
      }
      await this.pause(failures);
    }
  }

  /** Resolves when an established connection has ended. */
  private async connectOnce(turn: number, established: () => void): Promise<void> {
    const url = new URL(this.urls[turn % this.urls.length]!);
    if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS));
    const model = await connect(url.toString(), {
      timeout: CONNECT_TIMEOUT_MS,
      noDelay: true,
      keepAlive: true,
      clientProperties: { connection_name: this.name },
    });
    const ended = new Promise<void>((resolve) => model.once('close', () => resolve()));
    model.on('error', (error: Error) => (this.lastFault = error));
    model.on('blocked', (reason: string) => (this.blockedReason = reason));
    model.on('unblocked', () => {
      this.blockedReason = undefined;
      this.onReady();
    });
    this.model = model;
    try {
      if (this.closing.signal.aborted) return;
      const lost = ended.then(() => Promise.reject<void>(this.lastFault ?? new Error('closed')));
      await answerOf('setting up', Promise.race([this.setUp(model), lost]), this.setUpTimeoutMs);
      this.ready = !this.closing.signal.aborted;
      this.logger.log('Connected');
      established();
      this.onReady();
      await ended;
    } finally {
      this.ready = false;
      this.model = undefined;
      this.blockedReason = undefined;
      await hangUp(model);
      model.removeAllListeners('blocked');
      this.onLost();
    }
  }

  private async pause(failures: number): Promise<void> {
    const longest = Math.min(MAX_PAUSE_MS, 200 * 2 ** Math.min(failures, 10));
    await delay(longest * (0.5 + Math.random() / 2), undefined, { signal: this.closing.signal }).catch(() => undefined);
  }
}
