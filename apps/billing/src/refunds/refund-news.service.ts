import { Injectable } from '@nestjs/common';
import { RefundFailedV1, RefundIssuedV1 } from '#libs/contracts';
import { Outbox } from '#libs/messaging';
import { Clock } from '../clock/clock.js';
import type { Payment } from '../payments/payment.js';
import type { Refund } from './refunds.repository.js';

/** What the other services hear about refunds. */
export const REFUND_EVENTS = [RefundIssuedV1, RefundFailedV1];

/** Tells of refunds in the ambient transaction. */
@Injectable()
export class RefundNews {
  constructor(
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  async issued(payment: Payment, refund: Refund): Promise<void> {
    const issuedAt = (await this.clock.now()).toISOString();
    const event = new RefundIssuedV1({ ...factsOf(payment, refund), issuedAt });
    await this.outbox.add(event, { aggregateId: refund.id, aggregateVersion: 1 });
  }

  async failed(payment: Payment, refund: Refund): Promise<void> {
    const failedAt = (await this.clock.now()).toISOString();
    const event = new RefundFailedV1({ ...factsOf(payment, refund), failedAt });
    await this.outbox.add(event, { aggregateId: refund.id, aggregateVersion: 2 });
  }
}

function factsOf(
  { id: paymentId, userId, currency: refundedCurrency }: Payment,
  { id: refundId, amountMinor }: Refund,
) {
  return { refundId, paymentId, userId, refundedMinor: String(amountMinor), refundedCurrency };
}
