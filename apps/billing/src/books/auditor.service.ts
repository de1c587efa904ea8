import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Gauge } from '#libs/telemetry';
import { BooksService } from './books.service.js';

const PERIOD_MS = 60_000;
/** More than the period, so that nothing falls between two looks. */
const WINDOW_MS = 150_000;
const MOST_USERS = 500;

const faultsGauge = new Gauge({
  name: 'billing_books_faults',
  help: 'Faults the online auditor found at its last look',
  labelNames: ['check'] as const,
});

/** Proves, every minute, what was booked in the last two. */
@Injectable()
export class AuditorService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(AuditorService.name);
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;

  constructor(private readonly books: BooksService) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.looking ??= this.look()
        .catch((error: unknown) => this.logger.warn(`No audit this time: ${(error as Error).message}`))
        .finally(() => (this.looking = undefined));
    }, PERIOD_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /** One look; every fault is logged as an error and counted in the metrics. */
  async look(): Promise<void> {
    for (const { name, faults, faultCount } of await this.books.audit(new Date(Date.now() - WINDOW_MS), MOST_USERS)) {
      faultsGauge.set({ check: name }, faultCount);
      for (const fault of faults) this.logger.error({ check: name, ...fault }, 'The books are wrong');
    }
  }
}
