import { InjectQueue } from '@nestjs/bull';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Queue } from 'bull';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import type { Lane } from '../deliveries/delivery.js';
import type { Delivery } from '../deliveries/delivery.schema.js';
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

type Due = Pick<Delivery, '_id' | 'lane'>;

const SWEEP_EVERY_MS = 5_000;
/** Younger deliveries have a job under way. */
const GRACE_MS = 5_000;
const SWEEP_LIMIT = 500;
const CONCURRENCY_WITHOUT_REDIS = 5;

/** Brings deliveries to their senders: through Bull at once, through a sweep when Redis lost the job or is away. */
@Injectable()
export class MailLanes implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(MailLanes.name);
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> = Promise.resolve();
  private stopping = false;

  constructor(
    @InjectQueue(MAIL_QUEUES.security) private readonly securityMails: Queue<MailJob>,
    @InjectQueue(MAIL_QUEUES.standard) private readonly standardMails: Queue<MailJob>,
    private readonly deliveries: DeliveriesRepository,
    private readonly mails: MailsService,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setTimeout(() => this.sweepAndGoOn(), SWEEP_EVERY_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.sweeping;
  }

  /** Wakes a sender for the delivery; false when Redis cannot take the job, and the sweep will find the delivery. */
  wake(lane: SingleLane, deliveryId: string, attempts = 0): Promise<boolean> {
    const queue = lane === 'security' ? this.securityMails : this.standardMails;
    return addJob(queue, { deliveryId }, `${deliveryId}-${attempts}`);
  }

  /** Finds what is due and has no sender. */
  async sweep(now: Date = new Date()): Promise<void> {
    const due = await this.deliveries.dueSince(
      ['security', 'standard'],
      new Date(now.getTime() - GRACE_MS),
      SWEEP_LIMIT,
    );
    const left: Due[] = [];
    for (const delivery of due) {
      const { _id, lane, attempts } = delivery;
      if (left.length > 0 || !(await this.wake(lane as SingleLane, _id, attempts))) left.push(delivery);
    }
    await Promise.all(Array.from({ length: CONCURRENCY_WITHOUT_REDIS }, () => this.drain(left)));
  }

  private async drain(due: Due[]): Promise<void> {
    for (let next = due.shift(); next && !this.stopping; next = due.shift())
      await this.mails.deliver(next._id, next.lane);
  }

  private sweepAndGoOn(): void {
    this.sweeping = this.sweep()
      .catch((error: unknown) => this.logger.warn(`Sweep failed: ${(error as Error).message}`))
      .finally(() => {
        if (!this.stopping) this.timer = setTimeout(() => this.sweepAndGoOn(), SWEEP_EVERY_MS);
      });
  }
}
