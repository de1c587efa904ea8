import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AccountsService } from '../accounts/accounts.service.js';
import { EntitlementsService } from '../entitlements/entitlements.service.js';
import type { Posted } from '../ledger/ledger.js';
import { LedgerService } from '../ledger/ledger.service.js';
import { PaymentFulfilments } from '../payments/payment-fulfilments.js';
import type { Payment } from '../payments/payment.js';
import type { PlanOffer } from '../plans/plan.js';
import { AddPeriodService } from './add-period.service.js';
import { PeriodsRepository } from './periods.repository.js';

/** Turns a captured payment into a period of access. */
@Injectable()
export class FulfilSubscriptionService implements OnModuleInit {
  constructor(
    private readonly fulfilments: PaymentFulfilments,
    private readonly accounts: AccountsService,
    private readonly ledger: LedgerService,
    private readonly bought: PeriodsRepository,
    private readonly periods: AddPeriodService,
    private readonly entitlements: EntitlementsService,
  ) {}

  onModuleInit(): void {
    this.fulfilments.register('subscription', { fulfil: (payment) => this.fulfil(payment) });
  }

  /**
   * Books the money and adds the period, in the ambient transaction that marks the payment as settled.
   * One payment buys one period, however often it is told.
   */
  async fulfil(payment: Payment): Promise<{ transactionId: string }> {
    await this.entitlements.lock(payment.userId);
    const before = await this.bought.ofPayment(payment.userId, payment.id);
    if (before?.transactionId) return { transactionId: before.transactionId };
    const offer = payment.snapshot as unknown as PlanOffer;
    const { transactionId } = await this.book(payment, offer);
    await this.periods.add(payment.userId, offer, {
      paidMinor: payment.amountMinor,
      paidCurrency: payment.currency,
      source: 'card',
      paymentId: payment.id,
      transactionId,
    });
    return { transactionId };
  }

  /** The money passes through the wallet, so that a user's history is one list; it is earned later, day by day. */
  private async book(payment: Payment, offer: PlanOffer): Promise<Posted> {
    const wallet = await this.accounts.wallet(payment.userId, payment.currency);
    const { amountMinor, currency } = payment;
    return this.ledger.post({
      userId: payment.userId,
      kind: 'subscription_purchase',
      idempotencyKey: `payment:${payment.id}`,
      legs: [
        { code: 'capture', debit: 'system:psp_clearing', credit: `account:${wallet.id}`, currency, amountMinor },
        { code: 'purchase', debit: `account:${wallet.id}`, credit: 'system:deferred_revenue', currency, amountMinor },
      ],
      source: { type: 'payment', id: payment.id },
      actor: 'system',
      // Money that has arrived is always booked, whatever state the account is in.
      evenFrozen: true,
      meta: { plan: offer.planName, product: offer.product, termMonths: String(offer.termMonths) },
    });
  }
}
