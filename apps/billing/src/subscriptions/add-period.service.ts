import { Injectable } from '@nestjs/common';
import { SubscriptionPurchasedV1, uuidv7 } from '#libs/contracts';
import { Outbox } from '#libs/messaging';
import { Clock } from '../clock/clock.js';
import { EntitlementsService } from '../entitlements/entitlements.service.js';
import type { PlanOffer } from '../plans/plan.js';
import type { PeriodPayment, Subscription, SubscriptionPeriod } from './subscription.js';
import { nextPeriod } from './subscription-period.js';
import { SubscriptionsRepository } from './subscriptions.repository.js';

@Injectable()
export class AddPeriodService {
  constructor(
    private readonly subscriptions: SubscriptionsRepository,
    private readonly entitlements: EntitlementsService,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /**
   * Adds the period an offer sells right after the user's last one, in the ambient transaction that takes the money,
   * and tells the purchase and what it changed. Call it after `EntitlementsService.lock`.
   */
  async add(userId: string, offer: PlanOffer, payment: PeriodPayment): Promise<SubscriptionPeriod> {
    const subscription = await this.subscriptions.begin(userId, offer.product);
    const latest = await this.subscriptions.latestPeriod(userId, subscription.id);
    const now = await this.clock.now();
    const period: SubscriptionPeriod = {
      ...nextPeriod(latest, offer.termMonths, now),
      ...payment,
      id: uuidv7(),
      subscriptionId: subscription.id,
      offer,
      status: 'active',
      createdAt: now,
    };
    await this.subscriptions.addPeriod(subscription, period);
    await this.tell({ ...subscription, version: subscription.version + 1 }, period);
    await this.entitlements.refresh(userId);
    return period;
  }

  private async tell(subscription: Subscription, period: SubscriptionPeriod): Promise<void> {
    await this.subscriptions.saveVersion(subscription);
    const event = new SubscriptionPurchasedV1({
      subscriptionId: subscription.id,
      userId: subscription.userId,
      planId: period.offer.planId,
      productName: period.offer.productName,
      termMonths: period.offer.termMonths,
      startsAt: period.startsAt.toISOString(),
      endsAt: period.endsAt.toISOString(),
      paidMinor: period.paidMinor.toString(),
      paidCurrency: period.paidCurrency,
      paymentId: period.paymentId ?? undefined,
    });
    await this.outbox.add(event, { aggregateId: subscription.id, aggregateVersion: subscription.version });
  }
}
