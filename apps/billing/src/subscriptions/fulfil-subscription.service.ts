import { Injectable, type OnModuleInit } from '@nestjs/common';
import { BillingConfig } from '../billing.config.js';
import { PaymentFulfilments } from '../payments/payment-fulfilments.js';
import type { Payment, RefundDue } from '../payments/payment.js';
import { PaymentsRepository } from '../payments/payments.repository.js';
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
    private readonly payments: PaymentsRepository,
    private readonly config: BillingConfig,
  ) {}

  onModuleInit(): void {
    this.fulfilments.register('subscription', {
      fulfil: (payment) => this.fulfil(payment),
      reversal: this.reversal,
    });
  }

  /**
   * Books the money and adds the period, in the ambient transaction that marks the payment as settled.
   * One payment buys one period, however often it is told. A second one for the same order extends, or goes back with its period as soon
   * as it is booked: BILLING_SECOND_PAYMENT.
   */
  async fulfil(payment: Payment): Promise<{ transactionId: string; refundDue?: RefundDue | undefined }> {
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
    return { transactionId, refundDue: (await this.isSecond(payment, offer)) ? 'paid_twice' : undefined };
  }

  /** Asked under the subscription's lock, so that of two payments settled at once one is the first. */
  private async isSecond(payment: Payment, { planId }: PlanOffer): Promise<boolean> {
    return this.config.BILLING_SECOND_PAYMENT === 'refund' && this.payments.paidMeanwhile(payment, planId);
  }
}
