import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { Clock } from '../clock/clock.js';
import { LedgerService } from '../ledger/ledger.service.js';
import type { RefundPolicy } from '../plans/plan.js';
import { RequestRefundService } from '../refunds/request-refund.service.js';
import { AddPeriodService } from './add-period.service.js';
import { monthsBegun, priceOfMonths } from './earnings.js';
import { GiveBackPeriodService } from './give-back-period.service.js';
import { postingKey } from './pay-for-period.service.js';
import { PeriodsRepository } from './periods.repository.js';
import type { SubscriptionPeriod } from './subscription.js';
import { PeriodNotFoundError, PeriodNotRefundableError } from './subscription.errors.js';

/** A wish to have a period's money back. */
export interface RefundWish {
  userId: string;
  periodId: string;
  /** What is given back; the plan's own policy, at the time of the sale, when absent. */
  policy?: RefundPolicy | undefined;
  actor: string;
  reason: string;
  /** One refund per period and key. */
  key: string;
}

/** Where the money went. */
export interface RefundedPeriod {
  amountMinor: bigint;
  currency: string;
  to: 'card' | 'balance';
}

@Injectable()
export class RefundPeriodService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly periods: PeriodsRepository,
    private readonly adding: AddPeriodService,
    private readonly giving: GiveBackPeriodService,
    private readonly refunds: RequestRefundService,
    private readonly ledger: LedgerService,
  ) {}

  /**
   * Gives back the whole price or that of the months not begun, to where it was paid from; the period ends accordingly.
   * Throws PeriodNotFoundError, PeriodNotRefundableError and what `RequestRefundService.request` throws.
   */
  async refund(wish: RefundWish): Promise<RefundedPeriod> {
    const period = await this.periods.find(wish.userId, wish.periodId);
    if (!period) throw new PeriodNotFoundError();
    const { paymentId, paidCurrency: currency, offer } = period;
    if (!paymentId) return this.unitOfWork.run(() => this.toBalance(wish, offer.product));
    const { actor, reason, key } = wish;
    const amountMinor = (promisedMinor: bigint) => this.toCard(wish, offer.product, promisedMinor);
    const refund = await this.refunds.request({ paymentId, amountMinor, actor, reason, key });
    return { amountMinor: refund.amountMinor, currency, to: 'card' };
  }

  /** What goes to the card, in the transaction that holds the payment. */
  private async toCard(wish: RefundWish, product: string, promisedMinor: bigint): Promise<bigint> {
    await this.adding.begin(wish.userId, product);
    const period = (await this.periods.find(wish.userId, wish.periodId))!;
    // The period learns of a refund only once the provider has it.
    const refundedMinor = period.refundedMinor > promisedMinor ? period.refundedMinor : promisedMinor;
    return refundable({ ...period, refundedMinor }, wish.policy, await this.clock.now());
  }

  private async toBalance(wish: RefundWish, product: string): Promise<RefundedPeriod> {
    const subscription = await this.adding.begin(wish.userId, product);
    const period = (await this.periods.find(wish.userId, wish.periodId))!;
    const key = postingKey(`given_back:${period.id}`, wish.key);
    const earlierMinor = await this.periods.givenBackMinor(wish.userId, key);
    // Asked again, because the answer never arrived.
    if (earlierMinor > 0n) return { amountMinor: earlierMinor, currency: period.paidCurrency, to: 'balance' };
    const amountMinor = refundable(period, wish.policy, await this.clock.now());
    const { actor, reason } = wish;
    const { transactionId } = await this.giving.giveBack({
      subscription,
      period,
      amountMinor,
      kind: 'subscription_refund',
      key,
      actor,
      reason,
      payOut: false,
    });
    await this.ledger.repayDebts(wish.userId, { type: 'return', id: transactionId });
    return { amountMinor, currency: period.paidCurrency, to: 'balance' };
  }
}

/** How much the policy gives back now. */
function refundable(period: SubscriptionPeriod, asked: RefundPolicy | undefined, now: Date): bigint {
  const policy = asked ?? period.offer.refundPolicy;
  if (policy === 'none') throw new PeriodNotRefundableError('its plan is sold without refund');
  if (period.status === 'revoked') throw new PeriodNotRefundableError('it was given back or revoked already');
  const { paidMinor, refundedMinor, offer } = period;
  const begun = policy === 'whole' ? 0 : monthsBegun({ ...period, termMonths: offer.termMonths }, now);
  const amountMinor = paidMinor - priceOfMonths(paidMinor, begun, offer.termMonths) - refundedMinor;
  if (amountMinor <= 0n) throw new PeriodNotRefundableError('all its months have begun');
  return amountMinor;
}
