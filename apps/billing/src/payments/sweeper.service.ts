import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import type { Payment } from './payment.js';
import { PaymentsRepository } from './payments.repository.js';
import { ProviderEventsService } from './provider-events.service.js';
import { SettlePaymentService } from './settle-payment.service.js';

const PERIOD_MS = 2_000;

/**
 * Looks after what nobody told us about: payments whose webhook never came, offers that are over, events whose first handling failed.
 * What is due stands in PostgreSQL, so neither a restart nor an empty Redis forgets it; several processes share the work.
 */
@Injectable()
export class SweeperService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(SweeperService.name);
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;
  private readonly tasks: (() => Promise<void>)[] = [];

  constructor(
    private readonly repository: PaymentsRepository,
    private readonly settling: SettlePaymentService,
    private readonly events: ProviderEventsService,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.sweeping ??= this.sweep().finally(() => (this.sweeping = undefined));
    }, PERIOD_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** Adds something to look after; it is called every two seconds and works off what is due. */
  alsoDo(task: () => Promise<void>): void {
    this.tasks.push(task);
  }

  /** Works off everything that is due now; what fails waits for the next round and keeps nothing else from its turn. */
  async sweep(): Promise<void> {
    for (const task of [
      () => this.events.work(),
      () => this.events.giveUp(),
      () => this.lookAtPayments(),
      ...this.tasks,
    ]) {
      try {
        await task();
      } catch (error) {
        this.logger.error({ err: error }, 'Part of a sweep failed');
      }
    }
  }

  private async lookAtPayments(): Promise<void> {
    for (;;) {
      const due = await this.repository.claimDue(20);
      if (due.length === 0) return;
      const now = await this.clock.now();
      await Promise.all(due.map((payment) => this.look(payment, now)));
    }
  }

  private async look(payment: Payment, now: Date): Promise<void> {
    try {
      const over = payment.expiresAt <= now;
      const seen = await (over
        ? this.settling.expire(payment, 'sweeper')
        : this.settling.settle(payment.id, 'sweeper'));
      if (seen.status === 'succeeded') this.logger.warn(`Payment ${payment.id} settled without its webhook`);
    } catch (error) {
      this.logger.warn(`Payment ${payment.id} not settled: ${(error as Error).message}`);
    }
  }
}
