import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { EntitlementsService } from '../entitlements/entitlements.service.js';
import { PlansService } from '../plans/plans.service.js';
import { AddPeriodService } from './add-period.service.js';
import type { SubscriptionOrder } from './buy-subscription.service.js';
import { PayFromBalanceService } from './pay-from-balance.service.js';
import { PeriodsRepository } from './periods.repository.js';
import type { SubscriptionPeriod } from './subscription.js';
import { SubscriptionsRepository } from './subscriptions.repository.js';

@Injectable()
export class BuyFromBalanceService {
  constructor(
    private readonly plans: PlansService,
    private readonly unitOfWork: UnitOfWork,
    private readonly entitlements: EntitlementsService,
    private readonly subscriptions: SubscriptionsRepository,
    private readonly bought: PeriodsRepository,
    private readonly balance: PayFromBalanceService,
    private readonly periods: AddPeriodService,
  ) {}

  /**
   * Buys a plan at its present price with money the customer has with us; the period is there when this returns.
   * Throws PlanNotFoundError, PlanNotOnSaleError, PlanHasNoPriceError, InsufficientFundsError, AccountNotUsableError.
   */
  async buy(order: SubscriptionOrder): Promise<SubscriptionPeriod> {
    const { userId } = order;
    const key = `subscription:${order.idempotencyKey}`;
    return this.unitOfWork.run(async () => {
      await this.entitlements.lock(userId);
      const before = await this.bought.ofPostingKey(userId, key);
      if (before) return before;
      const offer = await this.plans.offer(order.planId, order.currency);
      const subscription = await this.subscriptions.begin(userId, offer.product);
      const { transactionId } = await this.balance.take({
        subscription,
        offer,
        kind: 'subscription_purchase',
        key,
        actor: userId,
      });
      return this.periods.add(userId, offer, {
        paidMinor: BigInt(offer.amountMinor),
        paidCurrency: offer.currency,
        source: 'balance',
        paymentId: null,
        transactionId,
      });
    });
  }
}
