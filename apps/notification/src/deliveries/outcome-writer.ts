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

/** Writes outcomes down as they come, all that wait in one go: a journaled write costs the same for one as for twenty. */
export class OutcomeWriter {
  private waiting: Waiting[] = [];
  private writing = false;

  constructor(private readonly deliveries: DeliveriesRepository) {}

  /** Resolves when the outcome is safe. */
  write(delivery: Delivery, outcome: Outcome): Promise<void> {
    return new Promise((written, failed) => {
      this.waiting.push({ delivery, outcome, written, failed });
      if (!this.writing) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.writing = true;
    while (this.waiting.length > 0) {
      const group = this.waiting.splice(0);
      try {
        await this.deliveries.record(group);
        for (const { written } of group) written();
      } catch (error) {
        for (const { failed } of group) failed(error);
      }
    }
    this.writing = false;
  }
}
