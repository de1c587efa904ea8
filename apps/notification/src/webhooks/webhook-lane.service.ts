import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import { WebhooksService } from './webhooks.service.js';

/** The most calls at once. */
const MOST_CALLS = 16;
const SWEEP_EVERY_MS = 2_000;

/** Brings deliveries to their receivers: at once while there is room, through a sweep when they are due again or were left by a kill. */
@Injectable()
export class WebhookLane implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(WebhookLane.name);
  private readonly calls = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly deliveries: DeliveriesRepository,
    private readonly webhooks: WebhooksService,
  ) {}

  onApplicationBootstrap(): void {
    if (this.webhooks.channels.length > 0) this.timer = setInterval(() => this.track(this.sweep()), SWEEP_EVERY_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.calls);
  }

  wake(deliveryId: string): void {
    if (this.calls.size < MOST_CALLS) this.track(this.webhooks.deliver(deliveryId));
  }

  private async sweep(): Promise<void> {
    const room = MOST_CALLS - this.calls.size;
    if (room <= 0) return;
    const due = await this.deliveries.dueSince({ channel: { $in: this.webhooks.channels } }, new Date(), room);
    for (const { _id } of due) this.wake(_id);
  }

  private track(work: Promise<void>): void {
    const call = work
      .catch((error: unknown) => this.logger.warn(`Webhooks: ${(error as Error).message}`))
      .finally(() => this.calls.delete(call));
    this.calls.add(call);
  }
}
