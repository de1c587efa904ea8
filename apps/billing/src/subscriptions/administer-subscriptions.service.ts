import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { AuditService } from '../audit/audit.service.js';
import { PlansService } from '../plans/plans.service.js';
import { AddPeriodService } from './add-period.service.js';
import { ChangePeriodService } from './change-period.service.js';
import { PeriodsRepository } from './periods.repository.js';
import type { SubscriptionPeriod } from './subscription.js';
import { PeriodNotFoundError, PeriodNotRefundableError } from './subscription.errors.js';

/** An act of an administrator upon a user. */
export interface AdminAct {
  userId: string;
  actor: string;
  reason: string;
}

@Injectable()
export class AdministerSubscriptionsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly plans: PlansService,
    private readonly adding: AddPeriodService,
    private readonly changing: ChangePeriodService,
    private readonly periods: PeriodsRepository,
    private readonly audit: AuditService,
  ) {}

  /** Gives a user a plan's term without payment, once per administrator and key. Throws PlanNotFoundError, PlanNotOnSaleError. */
  async grant({ userId, actor, reason }: AdminAct, planId: string, key: string): Promise<SubscriptionPeriod> {
    return this.unitOfWork.run(async () => {
      const grantKey = `${actor}:${key}`;
      const before = await this.periods.ofGrant(userId, grantKey);
      if (before) return before;
      const offer = await this.plans.gift(planId);
      const subscription = await this.adding.begin(userId, offer.product);
      const period = await this.adding.add(subscription, offer, {
        paidMinor: 0n,
        paidCurrency: offer.currency,
        source: 'grant',
        paymentId: null,
        transactionId: null,
        grantKey,
      });
      await this.record('subscription.granted', { userId, actor, reason }, period, { planId });
      return period;
    });
  }

  /** Takes a period away and keeps its money. Throws PeriodNotFoundError, PeriodNotRefundableError when it was revoked before. */
  async revoke({ userId, actor, reason }: AdminAct, periodId: string): Promise<SubscriptionPeriod> {
    return this.unitOfWork.run(async () => {
      const known = await this.periods.find(userId, periodId);
      if (!known) throw new PeriodNotFoundError();
      const subscription = await this.adding.begin(userId, known.offer.product);
      const period = (await this.periods.find(userId, periodId))!;
      if (period.status === 'revoked') throw new PeriodNotRefundableError('it was given back or revoked already');
      const { earnedMinor, refundedMinor } = period;
      await this.changing.apply(subscription, period, { months: 0, earnedMinor, refundedMinor, reason });
      await this.record('subscription.revoked', { userId, actor, reason }, period, {});
      return (await this.periods.find(userId, periodId))!;
    });
  }

  private async record(
    action: string,
    { userId, actor, reason }: AdminAct,
    period: SubscriptionPeriod,
    details: object,
  ): Promise<void> {
    const subject = { type: 'user', id: userId };
    await this.audit.record({ actor, action, subject, reason, details: { periodId: period.id, ...details } });
  }
}
