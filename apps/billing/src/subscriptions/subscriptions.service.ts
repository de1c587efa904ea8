import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { PeriodsRepository } from './periods.repository.js';
import { accessUntil } from './renewal.js';
import type { Subscription, SubscriptionPeriod } from './subscription.js';
import { SubscriptionNotFoundError } from './subscription.errors.js';
import { SubscriptionsRepository } from './subscriptions.repository.js';

/** A subscription with all its periods: `grace` is access after the paid end while a renewal waits for money. */
export interface SubscriptionOverview extends Subscription {
  status: 'active' | 'grace' | 'ended';
  periods: SubscriptionPeriod[];
}

@Injectable()
export class SubscriptionsService {
  constructor(
    private readonly repository: SubscriptionsRepository,
    private readonly periods: PeriodsRepository,
    private readonly clock: Clock,
  ) {}

  /** The user's subscriptions with their periods in order of time. */
  async ofUser(userId: string): Promise<SubscriptionOverview[]> {
    const [subscriptions, periods, now] = await Promise.all([
      this.repository.ofUser(userId),
      this.periods.ofUser(userId),
      this.clock.now(),
    ]);
    return subscriptions.map((subscription) => ({
      ...subscription,
      periods: periods.filter((period) => period.subscriptionId === subscription.id),
      status: statusAt(subscription, now),
    }));
  }

  /** One of the user's subscriptions. Throws SubscriptionNotFoundError, also when it is somebody else's. */
  async get(userId: string, id: string): Promise<SubscriptionOverview> {
    const found = (await this.ofUser(userId)).find((subscription) => subscription.id === id);
    if (!found) throw new SubscriptionNotFoundError();
    return found;
  }
}

function statusAt(subscription: Subscription, now: Date): SubscriptionOverview['status'] {
  if (subscription.paidUntil && subscription.paidUntil > now) return 'active';
  const end = accessUntil(subscription);
  return end && end > now ? 'grace' : 'ended';
}
