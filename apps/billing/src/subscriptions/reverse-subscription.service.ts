import { Injectable } from '@nestjs/common';
import { AccountsService } from '../accounts/accounts.service.js';
import { LedgerService } from '../ledger/ledger.service.js';
import { undo } from '../ledger/undo.js';
import type { GivingBack, PaymentReversal, TakingBack } from '../payments/payment-fulfilments.js';
import type { Payment } from '../payments/payment.js';
import type { PlanOffer } from '../plans/plan.js';
import { AddPeriodService } from './add-period.service.js';
import { ChangePeriodService } from './change-period.service.js';
import { monthsPaidFor } from './earnings.js';
import { GiveBackPeriodService } from './give-back-period.service.js';
import { PeriodsRepository } from './periods.repository.js';
import type { Subscription, SubscriptionPeriod } from './subscription.js';

/** What happens to a period when the money of its payment leaves, and when it comes back. */
@Injectable()
export class ReverseSubscriptionService implements PaymentReversal {
  constructor(
    private readonly accounts: AccountsService,
    private readonly ledger: LedgerService,
    private readonly periods: PeriodsRepository,
    private readonly adding: AddPeriodService,
    private readonly giving: GiveBackPeriodService,
    private readonly changing: ChangePeriodService,
  ) {}

  async takeBack(payment: Payment, taking: TakingBack): Promise<{ transactionId: string; clawedMinor: bigint }> {
    const { subscription, period } = await this.bought(payment);
    const { transactionId } = await this.giving.giveBack({
      subscription,
      period,
      amountMinor: taking.amountMinor,
      kind: taking.kind === 'refund' ? 'refund' : 'dispute_lost',
      key: taking.key,
      actor: taking.actor,
      reason: taking.reason,
      payOut: true,
    });
    return { transactionId, clawedMinor: taking.amountMinor };
  }

  /** The money is ours again and the months are the holder's: from where they were, or after all others when they were revoked. */
  async giveBack(payment: Payment, returning: GivingBack): Promise<{ transactionId: string; returnedMinor: bigint }> {
    const { subscription, period } = await this.bought(payment);
    const taken = await this.ledger.legsOf(payment.userId, returning.takenTransactionId);
    await this.accounts.reopen(payment.userId, taken);
    const sum = (code: string, system?: string): bigint =>
      taken
        .filter((leg) => leg.code === code && (!system || leg.debit === system))
        .reduce((total, leg) => total + leg.amountMinor, 0n);
    const returnedMinor = sum('paid_out');
    const { transactionId, replayed } = await this.ledger.post({
      userId: payment.userId,
      kind: returning.kind === 'refund' ? 'refund_failed' : 'dispute_won',
      idempotencyKey: returning.key,
      legs: undo(taken, await this.ledger.lockBalances(payment.userId)),
      source: { type: 'payment', id: payment.id },
      actor: 'system',
      reason: returning.reason,
      reverses: returning.takenTransactionId,
      evenFrozen: true,
    });
    if (!replayed) {
      const refundedMinor = period.refundedMinor - returnedMinor;
      const sold = { ...period, termMonths: period.offer.termMonths, months: period.offer.termMonths };
      await this.changing.apply(subscription, period, {
        months: monthsPaidFor(sold, period.paidMinor - refundedMinor),
        refundedMinor,
        earnedMinor: period.earnedMinor + sum('given_back', 'system:revenue'),
        reason: returning.reason,
      });
    }
    return { transactionId, returnedMinor };
  }

  /** Nothing is held while a dispute is open: what was bought is time, and losing takes it back. */
  atStake(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  private async bought(payment: Payment): Promise<{ subscription: Subscription; period: SubscriptionPeriod }> {
    const { product } = payment.snapshot as unknown as PlanOffer;
    const subscription = await this.adding.begin(payment.userId, product);
    const period = await this.periods.ofPayment(payment.userId, payment.id);
    if (!period) throw new Error(`Payment ${payment.id} has bought no period`);
    return { subscription, period };
  }
}
