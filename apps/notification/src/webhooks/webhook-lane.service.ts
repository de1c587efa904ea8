import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import type { Lane } from '../deliveries/delivery.js';
import { WebhooksService } from './webhooks.service.js';

/** The most calls at once. */
const MOST_CALLS = 16;
const SWEEP_EVERY_MS = 2_000;
const SETTLE_EVERY_MS = 60_000;
/** Longer than it takes until all replicas know a new receiver. */
const UNCLAIMED_MS = 60 * 60_000;
/** No index leads to a channel's deliveries, one leads to those of a lane that are due; campaigns have a lane of their own. */
const LANES: Lane[] = ['security', 'standard'];

/** Brings deliveries to their receivers: at once while there is room, through a sweep when they are due again or were left by a kill. */
@Injectable()
export class WebhookLane implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(WebhookLane.name);
  private readonly calls = new Set<Promise<void>>();
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly deliveries: DeliveriesRepository,
    private readonly webhooks: WebhooksService,
  ) {}

  onApplicationBootstrap(): void {
    if (this.webhooks.channels.length > 0) this.repeat(SWEEP_EVERY_MS, () => this.sweep());
    this.repeat(SETTLE_EVERY_MS, () => this.settleRemoved());
  }

  async onApplicationShutdown(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all(this.calls);
  }

  wake(deliveryId: string): void {
    if (this.calls.size < MOST_CALLS) this.track(this.webhooks.deliver(deliveryId));
  }

  /** Finds what is due and has no call under way. */
  async sweep(): Promise<void> {
    const room = MOST_CALLS - this.calls.size;
    if (room <= 0) return;
    const ours = { lane: { $in: LANES }, channel: { $in: this.webhooks.channels } };
    for (const { _id } of await this.deliveries.dueSince(ours, new Date(), room)) this.wake(_id);
  }

  /** Lets what waits for a receiver that is configured no more fail, so that it can be seen, and sent again once the receiver is back. */
  async settleRemoved(now: Date = new Date()): Promise<void> {
    const unclaimed = new Date(now.getTime() - UNCLAIMED_MS);
    const others = { lane: { $in: LANES }, channel: { $regex: /^webhook:/, $nin: this.webhooks.channels } };
    const failed = await this.deliveries.failDue(others, unclaimed, 'receiver_removed');
    if (failed > 0)
      this.logger.warn(`Webhooks: their receivers are not configured any more, so they failed: ${failed}`);
  }

  private repeat(everyMs: number, work: () => Promise<void>): void {
    this.timers.push(setInterval(() => this.track(work()), everyMs));
  }

  private track(work: Promise<void>): void {
    const call = work
      .catch((error: unknown) => this.logger.warn(`Webhooks: ${(error as Error).message}`))
      .finally(() => this.calls.delete(call));
    this.calls.add(call);
  }
}
