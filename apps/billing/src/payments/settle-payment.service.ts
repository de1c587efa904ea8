import { Injectable, Logger } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { DomainError } from '#libs/errors';
import { UserStandings } from '../standing/user-standings.service.js';
import { CheckoutSessionsService } from './checkout-sessions.service.js';
import {
  OrderRefusedError,
  PaymentDisputedError,
  PaymentNotFoundError,
  PaymentRefundedError,
} from './payment.errors.js';
import { PaymentFulfilments } from './payment-fulfilments.js';
import { type Payment, type RefundDue, UNDECIDED } from './payment.js';
import { type CheckoutSession, PaymentProvider } from './payment-provider.js';
import { PaymentsRepository } from './payments.repository.js';
import { settlementOf } from './settlement.js';

@Injectable()
export class SettlePaymentService {
  private readonly logger = new Logger(SettlePaymentService.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: PaymentsRepository,
    private readonly sessions: CheckoutSessionsService,
    private readonly provider: PaymentProvider,
    private readonly fulfilments: PaymentFulfilments,
    private readonly standings: UserStandings,
  ) {}

  /**
   * Brings a payment to where the provider says it is, and fulfils it once if the money is there. Any number of callers may call it
   * at any time, with whatever they were told: only the session as it is now counts. Throws PaymentNotFoundError, UnavailableError.
   */
  async settle(paymentId: string, caller: string): Promise<Payment> {
    const payment = await this.repository.find(paymentId);
    if (!payment) throw new PaymentNotFoundError();
    if (payment.status === 'succeeded') return payment;
    const opened = await this.withSession(payment);
    if (!opened.sessionId) return opened;
    return this.apply(opened, await this.provider.getSession(opened.sessionId), caller);
  }

  /** Ends the session of an offer that is over; the user may have paid in the last moment, which counts. */
  async expire(payment: Payment, caller: string): Promise<Payment> {
    const opened = await this.withSession(payment);
    if (!opened.sessionId || !UNDECIDED.includes(opened.status)) return opened;
    return this.apply(opened, await this.provider.expireSession(opened.sessionId), caller);
  }

  private async withSession(payment: Payment): Promise<Payment> {
    try {
      return await this.sessions.ensure(payment);
    } catch (error) {
      if (error instanceof OrderRefusedError) return (await this.repository.find(payment.id))!;
      throw error;
    }
  }

  private async apply(payment: Payment, session: CheckoutSession, caller: string): Promise<Payment> {
    const settlement = settlementOf(payment, session, this.provider.livemode);
    switch (settlement.is) {
      case 'open':
        return payment;
      case 'paid':
        return this.succeed(payment, session, caller);
      case 'mismatch':
        return this.review(payment, session, settlement.reason, caller);
      case 'processing':
      case 'failed':
      case 'expired':
        return this.move(payment, settlement.is, session, caller);
    }
  }

  private async succeed(payment: Payment, session: CheckoutSession, caller: string): Promise<Payment> {
    try {
      return await this.unitOfWork.run(async () => {
        const locked = (await this.repository.lock(payment.id))!;
        if (locked.status === 'succeeded') return locked;
        // While it was in review: what went back, or is about to, is not credited as well.
        if (locked.refundedMinor > 0n || locked.refundRequestedMinor > 0n) throw new PaymentRefundedError();
        if (locked.disputedMinor > 0n) throw new PaymentDisputedError();
        const paid = { ...locked, intentId: session.intentId };
        const { transactionId, refundDue } = await this.fulfilments.of(locked.purpose).fulfil(paid);
        const settled = await this.repository.move(locked.id, 'succeeded', {
          transactionId,
          intentId: session.intentId,
        });
        await this.repository.note(locked.id, 'settled', caller, { transactionId, intentId: session.intentId });
        await this.flagRefund(settled!, refundDue, caller);
        return settled!;
      });
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind === 'unavailable') throw error;
      this.logger.error({ err: error, paymentId: payment.id }, 'A captured payment cannot be fulfilled');
      return this.review(payment, session, `${error.code}: ${error.message}`, caller);
    }
  }

  /** The money is in the books whoever paid; when what it bought is withheld, a person has to see to it. */
  private async flagRefund({ id, userId }: Payment, due: RefundDue | undefined, caller: string): Promise<void> {
    const reason = due ?? (await this.standings.withheldNow(userId))?.reason;
    if (!reason) return;
    await this.repository.setRefundDue(id, reason);
    await this.repository.note(id, 'refund_due', caller, { reason });
    this.logger.warn(`A refund of payment ${id} is due: ${reason}`);
  }

  private async review(payment: Payment, session: CheckoutSession, reason: string, caller: string): Promise<Payment> {
    this.logger.error(`Payment ${payment.id} needs review: ${reason}`);
    // A session that does not match is never taken for ours, so neither is its intent.
    const intentId = session.paymentId === payment.id ? session.intentId : null;
    return this.unitOfWork.run(async () => {
      const moved = await this.repository.move(payment.id, 'needs_review', { reviewReason: reason, intentId });
      if (moved) await this.repository.note(payment.id, 'needs_review', caller, { reason });
      return moved ?? (await this.repository.find(payment.id))!;
    });
  }

  private async move(
    payment: Payment,
    status: 'processing' | 'failed' | 'expired',
    session: CheckoutSession,
    caller: string,
  ): Promise<Payment> {
    return this.unitOfWork.run(async () => {
      const moved = await this.repository.move(payment.id, status, { intentId: session.intentId });
      if (moved) await this.repository.note(payment.id, status, caller);
      return moved ?? (await this.repository.find(payment.id))!;
    });
  }
}
