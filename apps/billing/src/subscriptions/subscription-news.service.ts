import { Injectable } from '@nestjs/common';
import {
  SubscriptionEndedV1,
  SubscriptionEndingV1,
  SubscriptionPurchasedV1,
  SubscriptionRefundedV1,
  SubscriptionRenewalFailedV1,
  SubscriptionRenewedV1,
} from '#libs/contracts';
import { Outbox } from '#libs/messaging';
import type { PlanOffer } from '../plans/plan.js';
import { accessUntil, type RenewalFailure } from './renewal.js';
import type { Subscription, SubscriptionPeriod } from './subscription.js';

/** What subscriptions may say. */
export const SUBSCRIPTION_EVENTS = [
  SubscriptionPurchasedV1,
  SubscriptionRenewedV1,
  SubscriptionRenewalFailedV1,
  SubscriptionEndingV1,
  SubscriptionEndedV1,
  SubscriptionRefundedV1,
];

/** Says what happened to a subscription, in the ambient transaction; the subscription comes with the version of the event. */
@Injectable()
export class SubscriptionNews {
  constructor(private readonly outbox: Outbox) {}

  async periodAdded(subscription: Subscription, period: SubscriptionPeriod): Promise<void> {
    if (period.source === 'grant') return;
    const facts = {
      subscriptionId: subscription.id,
      userId: subscription.userId,
      planId: period.offer.planId,
      productName: period.offer.productName,
      termMonths: period.offer.termMonths,
      startsAt: period.startsAt.toISOString(),
      endsAt: period.endsAt.toISOString(),
      paidMinor: period.paidMinor.toString(),
      paidCurrency: period.paidCurrency,
    };
    await this.tell(
      subscription,
      period.source === 'renewal'
        ? new SubscriptionRenewedV1(facts)
        : new SubscriptionPurchasedV1({ ...facts, paymentId: period.paymentId ?? undefined }),
    );
  }

  async renewalFailed(subscription: Subscription, offer: PlanOffer, reason: RenewalFailure): Promise<void> {
    const event = new SubscriptionRenewalFailedV1({
      subscriptionId: subscription.id,
      userId: subscription.userId,
      productName: offer.productName,
      reason,
      priceMinor: offer.amountMinor,
      priceCurrency: offer.currency,
      accessUntil: accessUntil(subscription)!.toISOString(),
      nextTryAt: subscription.renewal?.tryAt?.toISOString(),
    });
    await this.tell(subscription, event);
  }

  async ending(subscription: Subscription, productName: string, daysLeft: 7 | 3 | 1): Promise<void> {
    const { id, userId, paidUntil, renewal } = subscription;
    const event = new SubscriptionEndingV1({
      subscriptionId: id,
      userId,
      productName,
      endsAt: paidUntil!.toISOString(),
      daysLeft,
      renewalMinor: renewal?.offer.amountMinor,
      renewalCurrency: renewal?.offer.currency,
    });
    await this.tell(subscription, event);
  }

  async ended(subscription: Subscription, productName: string): Promise<void> {
    const { id, userId } = subscription;
    const endedAt = accessUntil(subscription)!.toISOString();
    await this.tell(subscription, new SubscriptionEndedV1({ subscriptionId: id, userId, productName, endedAt }));
  }

  async refunded(subscription: Subscription, period: SubscriptionPeriod, refundedMinor: bigint): Promise<void> {
    const event = new SubscriptionRefundedV1({
      subscriptionId: subscription.id,
      userId: subscription.userId,
      productName: period.offer.productName,
      refundedMinor: refundedMinor.toString(),
      refundedCurrency: period.paidCurrency,
      paidUntil: subscription.paidUntil?.toISOString() ?? null,
    });
    await this.tell(subscription, event);
  }

  private async tell({ id, version }: Subscription, event: object): Promise<void> {
    await this.outbox.add(event, { aggregateId: id, aggregateVersion: version });
  }
}
