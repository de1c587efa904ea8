import { Injectable } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import { Clock } from '../clock/clock.js';
import { EntitlementsService } from '../entitlements/entitlements.service.js';
import type { PlanOffer } from '../plans/plan.js';
import { PeriodsRepository } from './periods.repository.js';
import { paidThrough, type PeriodPayment, type Subscription, type SubscriptionPeriod } from './subscription.js';
import { nextPeriod } from './subscription-period.js';
import { SubscriptionNews } from './subscription-news.service.js';
import { SubscriptionsRepository } from './subscriptions.repository.js';

@Injectable()
export class AddPeriodService {
  constructor(
    private readonly subscriptions: SubscriptionsRepository,
    private readonly periods: PeriodsRepository,
    private readonly entitlements: EntitlementsService,
    private readonly news: SubscriptionNews,
    private readonly clock: Clock,
  ) {}

  /** Holds all that is the user's until the ambient transaction ends: purchases of one user come one after the other. */
  async hold(userId: string): Promise<void> {
    await this.entitlements.lock(userId);
  }

  /** The user's subscription to a product, held as by `hold`. */
  async begin(userId: string, product: string): Promise<Subscription> {
    await this.hold(userId);
    return this.subscriptions.begin(userId, product);
  }

  /**
   * Adds the period an offer sells right after the user's last one, in the ambient transaction that takes the money,
   * and tells the purchase (or renewal) and what it changed. Call it with what `begin` returned.
   */
  async add(subscription: Subscription, offer: PlanOffer, payment: PeriodPayment): Promise<SubscriptionPeriod> {
    const latest = await this.periods.latest(subscription);
    const now = await this.clock.now();
    const span = nextPeriod(latest, offer.termMonths, now, subscription.graceUntil);
    const period: SubscriptionPeriod = {
      ...span,
      ...payment,
      months: offer.termMonths,
      earnedMinor: 0n,
      refundedMinor: 0n,
      earnAt: payment.paidMinor > 0n ? span.startsAt : null,
      revokedAt: null,
      revokedReason: null,
      id: uuidv7(),
      subscriptionId: subscription.id,
      offer,
      status: 'active',
      createdAt: now,
    };
    await this.periods.add(subscription, period);
    const version = subscription.version + 1;
    const extended = { ...paidThrough(subscription, period.endsAt, now), version };
    await this.subscriptions.save(extended);
    await this.news.periodAdded(extended, period);
    await this.entitlements.refresh(subscription.userId, now);
    return period;
  }
}
