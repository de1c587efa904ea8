import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import type { Subscription, SubscriptionPeriod } from './subscription.js';
import { SubscriptionsRepository } from './subscriptions.repository.js';

/** A subscription with all its periods, and whether one of them runs or is still to come. */
export interface SubscriptionOverview extends Subscription {
  status: 'active' | 'ended';
  paidUntil: Date | null;
  periods: SubscriptionPeriod[];
}

@Injectable()
export class SubscriptionsService {
  constructor(
    private readonly repository: SubscriptionsRepository,
    private readonly clock: Clock,
  ) {}

  /** The user's subscriptions with their periods in order of time. */
  async ofUser(userId: string): Promise<SubscriptionOverview[]> {
    const [subscriptions, periods, now] = await Promise.all([
      this.repository.ofUser(userId),
      this.repository.periodsOfUser(userId),
      this.clock.now(),
    ]);
    return subscriptions.map((subscription) => {
      const own = periods.filter((period) => period.subscriptionId === subscription.id);
      const paidUntil = own.findLast((period) => period.status === 'active')?.endsAt ?? null;
      return { ...subscription, periods: own, paidUntil, status: paidUntil && paidUntil > now ? 'active' : 'ended' };
    });
  }
}
