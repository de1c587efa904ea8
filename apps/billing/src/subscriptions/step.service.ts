import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { EntitlementsService } from '../entitlements/entitlements.service.js';
import { PeriodsRepository } from './periods.repository.js';
import { dueNotice, nextStepAt } from './renewal.js';
import { RenewSubscriptionService } from './renew-subscription.service.js';
import type { Subscription } from './subscription.js';
import { SubscriptionNews } from './subscription-news.service.js';
import { SubscriptionsRepository } from './subscriptions.repository.js';

@Injectable()
export class StepService {
  constructor(
    private readonly clock: Clock,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly periods: PeriodsRepository,
    private readonly entitlements: EntitlementsService,
    private readonly renewals: RenewSubscriptionService,
    private readonly news: SubscriptionNews,
  ) {}

  /**
   * Does what is due for one subscription, in the ambient transaction and under the user's lock: first the renewal, then, if that
   * did not pay, the reminder or the end. Returns false when another worker was faster.
   * @param moneyHasCome tries a renewal that lacked money before its time.
   */
  async take(userId: string, id: string, moneyHasCome = false): Promise<boolean> {
    const subscription = await this.subscriptions.find(userId, id);
    const now = await this.clock.now();
    if (!subscription || !(moneyHasCome || isDue(subscription, now))) return false;
    const after = await this.renew(subscription, now, moneyHasCome);
    if (!after) return true;
    await this.subscriptions.save(await this.tell(after, now));
    await this.entitlements.refresh(userId, now);
    return true;
  }

  private async renew(subscription: Subscription, now: Date, early: boolean): Promise<Subscription | undefined> {
    const { renewal } = subscription;
    const due = renewal?.tryAt && renewal.tryAt <= now;
    if (!renewal || !(due || (early && renewal.failure === 'insufficient_funds'))) return subscription;
    return this.renewals.tryNow(subscription, renewal, now);
  }

  private async tell(subscription: Subscription, now: Date): Promise<Subscription> {
    const notice = dueNotice(subscription, now);
    if (notice === null) return subscription;
    const told = { ...subscription, told: notice, version: subscription.version + 1 };
    const productName = (await this.periods.latest(subscription))!.offer.productName;
    if (notice > 0) {
      await this.news.ending(told, productName, notice as 7 | 3 | 1);
      return told;
    }
    await this.news.ended(told, productName);
    // A renewal that could not be paid until the very end is over; a later purchase does not bring it back.
    if (told.renewal) await this.subscriptions.recordConsent(told, false, told.renewal.offer, 'system', now);
    return { ...told, renewal: null };
  }
}

function isDue(subscription: Subscription, now: Date): boolean {
  const at = nextStepAt(subscription);
  return at !== null && at <= now;
}
