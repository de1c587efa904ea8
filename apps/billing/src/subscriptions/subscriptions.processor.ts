import { InjectQueue, Process, Processor } from '@nestjs/bull';
import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Queue } from 'bull';
import { EntitlementsService } from '../entitlements/entitlements.service.js';
import { EarnRevenueService } from './earn-revenue.service.js';
import { TakeStepsService } from './take-steps.service.js';

/** Bull's queue of this feature. */
export const SUBSCRIPTIONS_QUEUE = 'billing.subscriptions';
const TAKE_STEPS = 'take-steps';

const PERIOD_MS = 2_000;
const RESCHEDULE_MS = 10_000;

/** Wakes renewals, reminders and ends of access. What is due stands in PostgreSQL: an emptied Redis only makes it late. */
@Processor(SUBSCRIPTIONS_QUEUE)
export class SubscriptionsProcessor implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(SubscriptionsProcessor.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @InjectQueue(SUBSCRIPTIONS_QUEUE) private readonly queue: Queue,
    private readonly steps: TakeStepsService,
    private readonly entitlements: EntitlementsService,
    private readonly revenue: EarnRevenueService,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
    this.timer = setInterval(() => this.schedule(), RESCHEDULE_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Runs may overlap in several processes: each subscription is worked on under its user's lock. */
  @Process(TAKE_STEPS)
  async takeSteps(): Promise<void> {
    await this.steps.takeAll();
    await this.entitlements.tellAllDue();
    await this.revenue.earnAllDue();
  }

  private schedule(): void {
    const options = { repeat: { every: PERIOD_MS }, jobId: TAKE_STEPS, removeOnComplete: true, removeOnFail: true };
    this.queue
      .add(TAKE_STEPS, {}, options)
      .catch((error: unknown) => this.logger.warn(`Steps not scheduled: ${(error as Error).message}`));
  }
}
