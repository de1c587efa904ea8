import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { EntitlementsService } from '../entitlements/entitlements.service.js';
import { changed, type PeriodChange } from './period-change.js';
import { PeriodsRepository } from './periods.repository.js';
import { paidThrough, type Subscription, type SubscriptionPeriod } from './subscription.js';
import { SubscriptionsRepository } from './subscriptions.repository.js';

/** Makes a period shorter or longer and moves the later ones. */
@Injectable()
export class ChangePeriodService {
  constructor(
    private readonly subscriptions: SubscriptionsRepository,
    private readonly periods: PeriodsRepository,
    private readonly entitlements: EntitlementsService,
    private readonly clock: Clock,
  ) {}

  /**
   * Applies the change in the ambient transaction and returns the subscription as it is then. A holder who gets money back is not
   * charged again: automatic renewal stops, which is kept as the consent is. Call it under the user's lock.
   */
  async apply(subscription: Subscription, period: SubscriptionPeriod, change: PeriodChange): Promise<Subscription> {
    const now = await this.clock.now();
    const all = changed(await this.periods.active(subscription), period, change, now);
    await this.periods.save(subscription.userId, all);
    const paidUntil = all.findLast((some) => some.status === 'active')?.endsAt ?? null;
    const after = {
      ...paidThrough({ ...subscription, renewal: null }, paidUntil, now),
      version: subscription.version + 1,
    };
    await this.subscriptions.save(after);
    const { renewal } = subscription;
    if (renewal) await this.subscriptions.recordConsent(subscription, false, renewal.offer, 'system', now);
    await this.entitlements.refresh(subscription.userId, now);
    return after;
  }
}
