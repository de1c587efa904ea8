import { InjectQueue } from '@nestjs/bull';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Queue } from 'bull';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import type { Lane } from '../deliveries/delivery.js';
import { addJob } from './bull.js';
import { MailsService } from './mails.service.js';

/** Lanes of single mails; campaigns feed the third lane themselves. */
export type SingleLane = Exclude<Lane, 'bulk'>;

/** Bull queue of each lane. */
export const MAIL_QUEUES = { security: 'notification.security-mails', standard: 'notification.mails' } as const;

/** What a job carries: the rest is in the delivery. */
export interface MailJob {
  deliveryId: string;
}

const LANES: readonly SingleLane[] = ['security', 'standard'];
const SWEEP_EVERY_MS = 5_000;
/** Younger deliveries have a job under way. */
const GRACE_MS = 5_000;
const SWEEP_LIMIT = 500;
const CONCURRENCY_WITHOUT_REDIS = 5;

/**
 * Brings deliveries to their senders: through Bull at once, through a sweep when Redis lost the job or is away. Each lane has a sweep
 * of its own, so that security mail never waits behind the rest.
 */
@Injectable()
export class MailLanes implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(MailLanes.name);
  private readonly timers = new Map<SingleLane, NodeJS.Timeout>();
  private readonly sweeping = new Map<SingleLane, Promise<void>>();
  private stopping = false;

  constructor(
    @InjectQueue(MAIL_QUEUES.security) private readonly securityMails: Queue<MailJob>,
    @InjectQueue(MAIL_QUEUES.standard) private readonly standardMails: Queue<MailJob>,
    private readonly deliveries: DeliveriesRepository,
    private readonly mails: MailsService,
  ) {}

  onApplicationBootstrap(): void {
    for (const lane of LANES) this.sweepLater(lane);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    await Promise.all(this.sweeping.values());
  }

  /** Wakes a sender for the delivery; false when Redis cannot take the job, and the sweep will find the delivery. */
  wake(lane: SingleLane, deliveryId: string, attempts = 0): Promise<boolean> {
    const queue = lane === 'security' ? this.securityMails : this.standardMails;
    return addJob(queue, { deliveryId }, `${deliveryId}-${attempts}`);
  }

  /** Finds what is due in a lane and has no sender. */
  async sweep(lane: SingleLane, now: Date = new Date()): Promise<void> {
    const before = new Date(now.getTime() - GRACE_MS);
    const due = await this.deliveries.dueSince({ lane, channel: 'email' }, before, SWEEP_LIMIT);
    const left: string[] = [];
    for (const { _id, attempts } of due) {
      if (left.length > 0 || !(await this.wake(lane, _id, attempts))) left.push(_id);
    }
    await Promise.all(Array.from({ length: CONCURRENCY_WITHOUT_REDIS }, () => this.drain(lane, left)));
  }

  private async drain(lane: SingleLane, left: string[]): Promise<void> {
    for (let next = left.shift(); next && !this.stopping; next = left.shift()) await this.mails.deliver(next, lane);
  }

  private sweepLater(lane: SingleLane): void {
    if (this.stopping) return;
    const sweepAndGoOn = (): void => {
      const swept = this.sweep(lane)
        .catch((error: unknown) => this.logger.warn(`Sweep failed: ${(error as Error).message}`))
        .finally(() => this.sweepLater(lane));
      this.sweeping.set(lane, swept);
    };
    this.timers.set(lane, setTimeout(sweepAndGoOn, SWEEP_EVERY_MS));
  }
}
