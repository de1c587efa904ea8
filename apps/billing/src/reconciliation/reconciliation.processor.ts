import { InjectQueue, Process, Processor } from '@nestjs/bull';
import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Queue } from 'bull';
import { Clock } from '../clock/clock.js';
import { ProviderEventsService } from '../payments/provider-events.service.js';
import { ReconciliationService } from './reconciliation.service.js';

/** Bull's queue of this feature. */
export const RECONCILIATION_QUEUE = 'billing.reconciliation';
const DAY_MS = 86_400_000;
/** Nights that are made up for when nobody worked in them. */
const NIGHTS = 7;
/** For so long the provider lists what it could not deliver. */
const LISTED_DAYS = 30;

/** Compares the books of the days before every night, and asks for undelivered messages every hour. */
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

  /** Yesterday, and of the last week each day that nobody has compared yet: a night that was missed is made good by the next. */
  @Process('reconcile-day')
  async reconcileDays(): Promise<number> {
    const today = Math.floor((await this.clock.now()).getTime() / DAY_MS) * DAY_MS;
    let compared = 0;
    for (let start = today - NIGHTS * DAY_MS; start < today; start += DAY_MS) {
      const [from, to] = [new Date(start), new Date(start + DAY_MS)];
      if (await this.reconciliation.isCompared(from, to)) continue;
      await this.reconciliation.reconcile(from, to);
      compared += 1;
    }
    return compared;
  }

  /** All that the provider still lists, every hour: what is known already costs one look. */
  @Process('fetch-undelivered-events')
  async fetchUndelivered(): Promise<number> {
    const now = (await this.clock.now()).getTime();
    return this.events.fetchUndelivered(new Date(now - LISTED_DAYS * DAY_MS));
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
