import { InjectQueue, Process, Processor } from '@nestjs/bull';
import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Queue } from 'bull';
import { FetchRatesService } from './fetch-rates.service.js';
import { RatesService, WARN_AFTER_HOURS } from './rates.service.js';

/** Bull's queue of this feature. */
export const RATES_QUEUE = 'billing.rates';
const FETCH = 'fetch-rates';

const RESCHEDULE_MS = 5 * 60_000;

/** Fetches rates every hour and once at the start; several processes add the same job, which Redis holds once. */
@Processor(RATES_QUEUE)
export class RatesProcessor implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(RatesProcessor.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @InjectQueue(RATES_QUEUE) private readonly queue: Queue,
    private readonly fetching: FetchRatesService,
    private readonly rates: RatesService,
  ) {}

  onApplicationBootstrap(): void {
    this.schedule(true);
    // An emptied Redis forgets its jobs; adding one that is there changes nothing.
    this.timer = setInterval(() => this.schedule(false), RESCHEDULE_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** A failed try throws, so that Bull tries again with a growing pause. */
  @Process(FETCH)
  async fetch(): Promise<string> {
    const status = await this.fetching.fetch();
    const { ageHours } = await this.rates.newest();
    if (ageHours > WARN_AFTER_HOURS)
      this.logger.error(`The newest exchange rates are ${Math.floor(ageHours)} hours old`);
    if (status === 'failed') throw new Error('no source answered');
    return status;
  }

  private schedule(now: boolean): void {
    const options = {
      attempts: 5,
      backoff: { type: 'exponential', delay: 2_000 },
      removeOnComplete: true,
      removeOnFail: true,
    };
    const adding = [this.queue.add(FETCH, {}, { ...options, repeat: { cron: '7 * * * *' }, jobId: FETCH })];
    if (now) adding.push(this.queue.add(FETCH, {}, { ...options, jobId: `${FETCH}:start` }));
    Promise.all(adding).catch((error: unknown) =>
      this.logger.warn(`Rates job not scheduled: ${(error as Error).message}`),
    );
  }
}
