import { Injectable, Logger } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { Clock } from '../clock/clock.js';
import { EntitlementsService } from '../entitlements/entitlements.service.js';
import { LedgerService } from '../ledger/ledger.service.js';
import { daysEarned, earnAtFor, earnedOf } from './period-change.js';
import type { SubscriptionPeriod } from './subscription.js';
import { type DuePeriod, PeriodsRepository } from './periods.repository.js';

/** Periods read at once. */
const BATCH = 200;

/** Turns what was paid in advance into revenue, day by day. */
@Injectable()
export class EarnRevenueService {
  private readonly logger = new Logger(EarnRevenueService.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly periods: PeriodsRepository,
    private readonly entitlements: EntitlementsService,
    private readonly ledger: LedgerService,
  ) {}

  /** Books what has been earned since the last time, each period in a transaction of its own; returns for how many periods. */
  async earnAllDue(): Promise<number> {
    let earned = 0;
    for (;;) {
      const due = await this.periods.earningDue(await this.clock.now(), BATCH);
      const before = earned;
      for (const period of due) if (await this.earn(period)) earned += 1;
      // A batch in which nothing moves would be read for ever: its failures are tried again in the next run.
      if (due.length < BATCH || earned === before) return earned;
    }
  }

  /** One period's fault must not stop the others. */
  private async earn({ userId, id }: DuePeriod): Promise<boolean> {
    try {
      await this.unitOfWork.run(() => this.earnOne(userId, id));
      return true;
    } catch (error) {
      this.logger.error(error, `revenue of period ${id}`);
      return false;
    }
  }

  private async earnOne(userId: string, id: string): Promise<void> {
    await this.entitlements.lock(userId);
    const period = (await this.periods.find(userId, id))!;
    const now = await this.clock.now();
    const earnedMinor = await this.book(userId, period, now);
    const after = { ...period, earnedMinor };
    await this.periods.save(userId, [{ ...after, earnAt: earnAtFor(after, now) }]);
  }

  /** Books each day that is over on the day it was earned, also days a stopped service has missed; returns what is earned by now. */
  private async book(userId: string, period: SubscriptionPeriod, now: Date): Promise<bigint> {
    let earnedMinor = period.earnedMinor;
    for (const day of daysEarned(period, now)) {
      const byThen = earnedOf(period, day);
      if (byThen <= earnedMinor) continue;
      await this.bookDay(userId, { ...period, earnedMinor: byThen }, byThen - earnedMinor, day);
      earnedMinor = byThen;
    }
    return earnedMinor;
  }

  private async bookDay(userId: string, period: SubscriptionPeriod, amountMinor: bigint, day: Date): Promise<void> {
    await this.ledger.post({
      userId,
      kind: 'revenue_earned',
      // The sum so far and what was given back name the state: however often it is told, it is booked once.
      idempotencyKey: `earned:${period.id}:${period.earnedMinor}:${period.refundedMinor}`,
      legs: [
        {
          code: 'earned',
          debit: 'system:deferred_revenue',
          credit: 'system:revenue',
          currency: period.paidCurrency,
          amountMinor,
        },
      ],
      source: { type: 'subscription', id: period.subscriptionId },
      actor: 'system',
      effectiveAt: day,
      meta: { plan: period.offer.planId, termMonths: String(period.offer.termMonths) },
    });
  }
}
