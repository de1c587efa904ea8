import { setTimeout as delay } from 'node:timers/promises';
import type { DeliveriesRepository } from './deliveries.repository.js';
import type { Outcome } from './delivery.js';
import type { Delivery } from './delivery.schema.js';

/** One result, and who waits for it to be written. */
interface Waiting {
  delivery: Delivery;
  outcome: Outcome;
  written: () => void;
  failed: (error: unknown) => void;
}

/** For how long a database that is away is waited for, and the pause between tries; milliseconds. */
const RETRY_FOR_MS = 15_000;
const RETRY_EVERY_MS = 200;

/** So many go in one write, or what there is after so many milliseconds: a journaled write costs the same for one as for twenty. */
const GROUP = 16;
const GATHER_MS = 10;

/** Writes outcomes down as they come, in groups. */
export class OutcomeWriter {
  private waiting: Waiting[] = [];
  private writing = false;
  private full: () => void = () => undefined;

  constructor(private readonly deliveries: Pick<DeliveriesRepository, 'record'>) {}

  /** Resolves when the outcome is safe; rejects when the database stays away, and the mail will be sent again. */
  write(delivery: Delivery, outcome: Outcome): Promise<void> {
    return new Promise((written, failed) => {
      this.waiting.push({ delivery, outcome, written, failed });
      if (!this.writing) void this.drain();
      if (this.waiting.length >= GROUP) this.full();
    });
  }

  private async drain(): Promise<void> {
    this.writing = true;
    while (this.waiting.length > 0) {
      await this.gather();
      const group = this.waiting.splice(0);
      try {
        await this.record(group);
        for (const { written } of group) written();
      } catch (error) {
        for (const { failed } of group) failed(error);
      }
    }
    this.writing = false;
  }

  /** Resolves when there is a group, or enough time has passed for one. */
  private async gather(): Promise<void> {
    if (this.waiting.length >= GROUP) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, GATHER_MS);
      this.full = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** What was sent is sent: a database that restarts meanwhile must not make it go out twice. */
  private async record(group: Waiting[]): Promise<void> {
    const deadline = performance.now() + RETRY_FOR_MS;
    for (;;) {
      try {
        return await this.deliveries.record(group);
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await delay(RETRY_EVERY_MS);
      }
    }
  }
}
