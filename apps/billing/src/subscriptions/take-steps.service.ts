import { Injectable, Logger } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { Clock } from '../clock/clock.js';
import { EntitlementsService } from '../entitlements/entitlements.service.js';
import { StepService } from './step.service.js';
import { type DueSubscription, SubscriptionsRepository } from './subscriptions.repository.js';

/** Subscriptions read at once. */
const BATCH = 200;

/** Transactions at once: most of the connection pool stays with requests. */
const AT_ONCE = 4;

/** What time brings to all subscriptions: PostgreSQL knows what is due, so a queue or a process that dies loses nothing. */
@Injectable()
export class TakeStepsService {
  private readonly logger = new Logger(TakeStepsService.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly entitlements: EntitlementsService,
    private readonly steps: StepService,
  ) {}

  /** Does everything that is due now, each subscription in a transaction of its own; returns how many took a step. */
  async takeAll(): Promise<number> {
    let taken = await this.takeEach(await this.subscriptions.withMoneyAgain(BATCH), true);
    for (;;) {
      const due = await this.subscriptions.due(await this.clock.now(), BATCH);
      const moved = await this.takeEach(due, false);
      taken += moved;
      // A batch in which nothing moves would be read for ever: its failures are tried again in the next run.
      if (due.length < BATCH || moved === 0) return taken;
    }
  }

  private async takeEach(due: DueSubscription[], moneyHasCome: boolean): Promise<number> {
    const waiting = due.values();
    const worker = async (): Promise<number> => {
      let taken = 0;
      for (const subscription of waiting) taken += await this.take(subscription, moneyHasCome);
      return taken;
    };
    const counts = await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** One subscription's fault must not stop the others. */
  private async take({ userId, id }: DueSubscription, moneyHasCome: boolean): Promise<number> {
    try {
      return await this.unitOfWork.run(async () => {
        await this.entitlements.lock(userId);
        return (await this.steps.take(userId, id, moneyHasCome)) ? 1 : 0;
      });
    } catch (error) {
      this.logger.error(error, `subscription ${id}`);
      return 0;
    }
  }
}
