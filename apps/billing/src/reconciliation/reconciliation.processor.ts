import { InjectQueue, Process, Processor } from '@nestjs/bull';
import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Queue } from 'bull';
import { Clock } from '../clock/clock.js';
import { ProviderEventsService } from '../payments/provider-events.service.js';
import { ReconciliationService } from './reconciliation.service.js';

/** Bull's queue of this feature. */
export const RECONCILIATION_QUEUE = 'billing.reconciliation';
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** Compares yesterday's books every night, and asks for undelivered messages every hour. */
@Processor(RECONCILIATION_QUEUE)
export class ReconciliationProcessor implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ReconciliationProcessor.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @InjectQueue(RECONCILIATION_QUEUE) private readonly queue: Queue,
    private readonly reconciliation: ReconciliationService,
    private readonly events: ProviderEventsService,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule();
    // An emptied Redis forgets its jobs; adding one that is there changes nothing.
    this.timer = setInterval(() => this.schedule(), 5 * 60_000);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  @Process('reconcile-day')
  async reconcileDay(): Promise<boolean> {
    const today = Math.floor((await this.clock.now()).getTime() / DAY_MS) * DAY_MS;
    return (await this.reconciliation.reconcile(new Date(today - DAY_MS), new Date(today))).ok;
  }

  /** Two hours back, every hour: a run that fails is made good by the next. */
  @Process('fetch-undelivered-events')
  async fetchUndelivered(): Promise<number> {
    const now = (await this.clock.now()).getTime();
    return this.events.fetchUndelivered(new Date(now - 2 * HOUR_MS));
  }

  private schedule(): void {
    const options = {
      attempts: 5,
      backoff: { type: 'exponential', delay: 60_000 },
      removeOnComplete: true,
      removeOnFail: true,
    };
    const add = (job: string, cron: string) => this.queue.add(job, {}, { ...options, repeat: { cron }, jobId: job });
    Promise.all([add('reconcile-day', '17 3 * * *'), add('fetch-undelivered-events', '37 * * * *')]).catch(
      (error: unknown) => this.logger.warn(`Jobs not scheduled: ${(error as Error).message}`),
    );
  }
}
