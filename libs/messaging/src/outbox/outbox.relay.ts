import { Inject, Injectable, Logger } from '@nestjs/common';
import { allContracts, contractOf } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { Broker } from '../broker/broker.js';
import { MESSAGING, type ResolvedMessaging } from '../messaging.options.js';
import { published } from '../messaging.metrics.js';
import { OutboxRepository, type OutboxRow } from './outbox.repository.js';
import { OutboxSignal } from './outbox.signal.js';

const BATCH = 200;
const WORKERS = 2;

/**
 * Milliseconds from the beginning of a batch to that of the next while there is no backlog: `perBatchMs` for each that the batch before
 * took, within bounds. A claim and a mark cost as much for one event as for dozens, and so do the consumers' writes: where they take
 * long the machine is busy, and larger batches are what it needs. An event that finds the relay idle goes at once.
 */
const PACE_MS = { least: 50, perBatchMs: 10, most: 250 };

/** Publishes what the outbox holds. Any number of replicas may run it. */
@Injectable()
export class OutboxRelay {
  private readonly logger = new Logger(OutboxRelay.name);
  private readonly sleepers = new Set<() => void>();
  private stopping = false;
  private running: Promise<unknown> | undefined;
  private woken = 0;
  private backlog = false;
  /** When the next batch may begin, on the monotonic clock. */
  private nextMs = 0;
  private paceMs = PACE_MS.least;

  constructor(
    @Inject(MESSAGING) private readonly messaging: ResolvedMessaging,
    private readonly broker: Broker,
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: OutboxRepository,
    private readonly signal: OutboxSignal,
  ) {}

  start(): void {
    this.broker.whenReady(() => this.wake());
    this.signal.listen(() => this.wake());
    this.running = Promise.all(Array.from({ length: WORKERS }, () => this.work()));
  }

  /** Says that a commit has left rows to publish: to the workers here, or to other processes when these cannot publish now. */
  async announce(): Promise<void> {
    if (this.running && this.broker.canPublish) this.wake();
    else await this.signal.notify();
  }

  private wake(): void {
    this.woken++;
    // One is enough: a worker that finds more than it can take wakes the next.
    for (const wakeUp of this.sleepers) return wakeUp();
  }

  /** Finishes the batch in hand. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const wakeUp of this.sleepers) wakeUp();
    await Promise.all([this.running, this.signal.stop()]);
  }

  private async work(): Promise<void> {
    while (!this.stopping) {
      await this.pace();
      const seen = this.woken;
      const began = performance.now();
      const found = this.broker.canPublish && (await this.publishBatch());
      this.paceMs = paceAfter(performance.now() - began);
      if (!found && seen === this.woken && !this.stopping) await this.sleep();
    }
  }

  /** Waits for the turn of the next batch; behind a full one there is no waiting. */
  private async pace(): Promise<void> {
    const now = performance.now();
    if (this.backlog || now >= this.nextMs) {
      this.nextMs = now + this.paceMs;
      return;
    }
    const wait = this.nextMs - now;
    this.nextMs += this.paceMs;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }

  /** Returns whether it is worth looking again at once. */
  private async publishBatch(): Promise<boolean> {
    try {
      return await this.unitOfWork.run(async () => {
        const { rows, locked } = await this.repository.claim(BATCH);
        this.backlog = locked === BATCH;
        if (this.backlog) this.wake();
        const results = await Promise.all(rows.map((row) => this.publish(row)));
        const idsOf = (result: string): string[] =>
          rows.filter((_, index) => results[index] === result).map((row) => row.id);
        await this.repository.markSent(idsOf('confirmed'));
        await this.repository.postpone(idsOf('returned'));
        return locked === BATCH && results.includes('confirmed');
      });
    } catch (error) {
      this.logger.warn(`Outbox not published: ${(error as Error).message}`);
      return false;
    }
  }

  private async publish(row: OutboxRow): Promise<'confirmed' | 'returned' | 'failed'> {
    const result = await this.broker.publisher
      .publish(this.broker.topology.exchange, row.routing_key, Buffer.from(row.body), {
        messageId: row.message_id,
        type: row.routing_key,
        contentType: 'application/json',
      })
      .catch((error: Error) => {
        this.logger.warn(`${row.routing_key} ${row.message_id}: ${error.message}`);
        return 'failed' as const;
      });
    published.inc({ contract: row.routing_key, result });
    if (result === 'returned' && mayGoUnheard(row.routing_key)) return 'confirmed';
    if (result === 'returned' && row.returns === 0)
      this.logger.warn(`No queue takes ${row.routing_key}; trying again later`);
    return result;
  }

  private async sleep(): Promise<void> {
    await new Promise<void>((resolve) => {
      const wakeUp = (): void => {
        clearTimeout(timer);
        this.sleepers.delete(wakeUp);
        resolve();
      };
      const timer = setTimeout(wakeUp, this.messaging.outboxPollMs);
      this.sleepers.add(wakeUp);
    });
  }
}

function paceAfter(batchMs: number): number {
  const { least, perBatchMs, most } = PACE_MS;
  return Math.min(Math.max(perBatchMs * batchMs, least), most);
}

function mayGoUnheard(routingKey: string): boolean {
  const contract = allContracts().get(routingKey);
  return contract !== undefined && contractOf(contract).unheard === true;
}
