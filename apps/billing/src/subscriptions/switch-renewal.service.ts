import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { Clock } from '../clock/clock.js';
import { EntitlementsService } from '../entitlements/entitlements.service.js';
import { PlansService } from '../plans/plans.service.js';
import { UserStandings } from '../standing/user-standings.service.js';
import { accessUntil, type Renewal } from './renewal.js';
import { scheduled, type Subscription } from './subscription.js';
import { PlanOfOtherProductError, SubscriptionEndedError, SubscriptionNotFoundError } from './subscription.errors.js';
import { SubscriptionsRepository } from './subscriptions.repository.js';

/** With which plan, out of which balance. */
export interface RenewalChoice {
  planId: string;
  currency: string;
  /** The price the holder was shown and agrees to; not given: the present one. */
  shownAmount?: string | undefined;
}

@Injectable()
export class SwitchRenewalService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly plans: PlansService,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly entitlements: EntitlementsService,
    private readonly standings: UserStandings,
  ) {}

  /**
   * Keeps the holder's consent to automatic renewal from the balance at the plan's present price, and plans the first try.
   * Throws SubscriptionNotFoundError, UserWithheldError, SubscriptionEndedError, PlanOfOtherProductError and what `PlansService.offer` throws.
   */
  async on(userId: string, id: string, choice: RenewalChoice): Promise<Subscription> {
    return this.unitOfWork.run(async () => {
      const subscription = await this.locked(userId, id);
      const now = await this.clock.now();
      await this.standings.assertGood(userId);
      const end = accessUntil(subscription);
      if (!subscription.paidUntil || !end || end <= now) throw new SubscriptionEndedError();
      const offer = await this.plans.offer(choice.planId, choice.currency, choice);
      if (offer.product !== subscription.product) throw new PlanOfOtherProductError(subscription.product);
      const agreed = { offer, consentedAt: now, tryAt: null, failure: null, failureToldAt: null };
      const renewing = { ...subscription, renewal: scheduled(agreed, subscription.paidUntil) };
      await this.subscriptions.save(renewing);
      await this.subscriptions.recordConsent(subscription, true, offer, userId, now);
      return renewing;
    });
  }

  /** Stops the renewal and keeps the time that is paid; grace that waited for money ends. Cancelling twice changes nothing. */
  async off(userId: string, id: string): Promise<Subscription> {
    return this.unitOfWork.run(async () => {
      const subscription = await this.locked(userId, id);
      if (!subscription.renewal) return subscription;
      const stopped = await this.stop(subscription, subscription.renewal, userId);
      await this.entitlements.refresh(userId);
      return stopped;
    });
  }

  /** Stops all renewals of a user who is gone, in the ambient transaction and under the user's lock. */
  async offAll(userId: string): Promise<void> {
    for (const subscription of await this.subscriptions.ofUser(userId)) {
      if (subscription.renewal) await this.stop(subscription, subscription.renewal, 'system');
    }
  }

  private async stop(subscription: Subscription, { offer }: Renewal, actor: string): Promise<Subscription> {
    const stopped = { ...subscription, renewal: null, graceUntil: null };
    await this.subscriptions.save(stopped);
    await this.subscriptions.recordConsent(subscription, false, offer, actor, await this.clock.now());
    return stopped;
  }

  private async locked(userId: string, id: string): Promise<Subscription> {
    await this.entitlements.lock(userId);
    const subscription = await this.subscriptions.find(userId, id);
    if (!subscription) throw new SubscriptionNotFoundError();
    return subscription;
  }
}
