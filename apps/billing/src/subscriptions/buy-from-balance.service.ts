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
   * Buys a plan at its present price with money the customer has with us; the period is there when this returns. The same order again
   * is the same purchase, whatever the plan costs by then. Throws PlanNotFoundError, PlanNotOnSaleError, PlanHasNoPriceError,
   * PlanPriceChangedError, UserWithheldError, InsufficientFundsError, AccountNotUsableError.
   */
  async buy(order: SubscriptionOrder): Promise<SubscriptionPeriod> {
    const key = postingKey('subscription', order.idempotencyKey);
    return this.unitOfWork.run(async () => {
      // Held first: a twin under the same key has bought by then, or has not begun.
      await this.periods.hold(order.userId);
      const before = await this.bought.ofPostingKey(order.userId, key);
      return before ?? this.buyOnce(order, key);
    });
  }

  private async buyOnce(order: SubscriptionOrder, key: string): Promise<SubscriptionPeriod> {
    const { userId, planId, currency, shownAmount } = order;
    const offer = await this.plans.offer(planId, currency, { shownAmount });
    const subscription = await this.periods.begin(userId, offer.product);
    await this.standings.assertGood(userId);
    const kind = 'subscription_purchase';
    const { transactionId } = await this.paying.fromBalance({ subscription, offer, kind, key, actor: userId });
    return this.periods.add(subscription, offer, {
      paidMinor: BigInt(offer.amountMinor),
      paidCurrency: offer.currency,
      source: 'balance',
      paymentId: null,
      transactionId,
    });
  }
}
