import { Logger } from '@nestjs/common';
import type { Broker } from '../broker/broker.js';

const EVERY_MS = 5_000;

/**
 * Asks now and then whether the queues still exist and are still being consumed: a queue can go without the broker telling, and
 * consumption would end in silence.
 */
export class QueueWatch {
  private readonly logger = new Logger('Events');
  private timer: NodeJS.Timeout | undefined;
  private looking = false;

  constructor(
    private readonly broker: Broker,
    private readonly consumers: string[],
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.look(), EVERY_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const { consuming, quarantines, topology } = this.broker;
    const looks = this.consumers.flatMap((consumer) => [
      this.broker.renewUnlessConsumed(consuming, topology.queue(consumer)),
      this.broker.renewUnlessConsumed(quarantines.get(consumer)!, topology.quarantine(consumer)),
    ]);
    for (const look of await Promise.allSettled(looks)) if (look.status === 'rejected') this.logger.warn(look.reason);
    this.looking = false;
  }
}
