import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PaymentFulfilments } from '../payments/payment-fulfilments.js';
import type { Payment } from '../payments/payment.js';
import type { PlanOffer } from '../plans/plan.js';
import { AddPeriodService } from './add-period.service.js';
import { PayForPeriodService } from './pay-for-period.service.js';
import { PeriodsRepository } from './periods.repository.js';
import { ReverseSubscriptionService } from './reverse-subscription.service.js';

/** Turns a captured payment into a period of access. */
@Injectable()
export class FulfilSubscriptionService implements OnModuleInit {
  constructor(
    private readonly fulfilments: PaymentFulfilments,
    private readonly bought: PeriodsRepository,
    private readonly paying: PayForPeriodService,
    private readonly periods: AddPeriodService,
    private readonly reversal: ReverseSubscriptionService,
  ) {}

  onModuleInit(): void {
    this.fulfilments.register('subscription', {
      fulfil: (payment) => this.fulfil(payment),
      reversal: this.reversal,
    });
  }

  /**
   * Books the money and adds the period, in the ambient transaction that marks the payment as settled.
   * One payment buys one period, however often it is told.
   */
  async fulfil(payment: Payment): Promise<{ transactionId: string }> {
    const offer = payment.snapshot as unknown as PlanOffer;
    const subscription = await this.periods.begin(payment.userId, offer.product);
    const before = await this.bought.ofPayment(payment.userId, payment.id);
    if (before?.transactionId) return { transactionId: before.transactionId };
    const { transactionId } = await this.paying.byCard(payment, offer);
    await this.periods.add(subscription, offer, {
      paidMinor: payment.amountMinor,
      paidCurrency: payment.currency,
      source: 'card',
      paymentId: payment.id,
      transactionId,
    });
    return { transactionId };
  }
}
