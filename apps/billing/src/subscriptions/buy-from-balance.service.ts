import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { PlansService } from '../plans/plans.service.js';
import { UserStandings } from '../standing/user-standings.service.js';
import { AddPeriodService } from './add-period.service.js';
import type { SubscriptionOrder } from './buy-subscription.service.js';
import { PayForPeriodService, postingKey } from './pay-for-period.service.js';
import { PeriodsRepository } from './periods.repository.js';
import type { SubscriptionPeriod } from './subscription.js';

@Injectable()
export class BuyFromBalanceService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly plans: PlansService,
    private readonly bought: PeriodsRepository,
    private readonly paying: PayForPeriodService,
    private readonly periods: AddPeriodService,
    private readonly standings: UserStandings,
  ) {}

  /**
   * Buys a plan at its present price with money the customer has with us; the period is there when this returns.
   * Throws PlanNotFoundError, PlanNotOnSaleError, PlanHasNoPriceError, UserWithheldError, InsufficientFundsError, AccountNotUsableError.
   */
  async buy(order: SubscriptionOrder): Promise<SubscriptionPeriod> {
    const key = postingKey('subscription', order.idempotencyKey);
    return this.unitOfWork.run(async () => {
      const before = await this.bought.ofPostingKey(order.userId, key);
      return before ?? this.buyOnce(order, key);
    });
  }

  private async buyOnce({ userId, planId, currency }: SubscriptionOrder, key: string): Promise<SubscriptionPeriod> {
    const offer = await this.plans.offer(planId, currency);
    const subscription = await this.periods.begin(userId, offer.product);
    await this.standings.assertGood(userId);
    const posted = await this.paying.fromBalance({
      subscription,
      offer,
      kind: 'subscription_purchase',
      key,
      actor: userId,
    });
    // A twin with the same key was faster while this one waited for its lock.
    if (posted.replayed) return (await this.bought.ofPostingKey(userId, key))!;
    return this.periods.add(subscription, offer, {
      paidMinor: BigInt(offer.amountMinor),
      paidCurrency: offer.currency,
      source: 'balance',
      paymentId: null,
      transactionId: posted.transactionId,
    });
  }
}
