import { Injectable } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { AuditService } from '../audit/audit.service.js';
import { CurrenciesService } from '../money/currencies.service.js';
import { OrderRefusedError, PaymentKeyReusedError, PaymentNotFoundError } from '../payments/payment.errors.js';
import { PaymentFulfilments } from '../payments/payment-fulfilments.js';
import type { Payment } from '../payments/payment.js';
import { PaymentProvider } from '../payments/payment-provider.js';
import { PaymentsRepository } from '../payments/payments.repository.js';
import { PaymentNotRefundableError, RefundExceedsPaymentError } from './refund.errors.js';
import { type Refund, RefundsRepository } from './refunds.repository.js';
import { SyncRefundsService } from './sync-refunds.service.js';

/** What is asked for. */
export interface RefundOrder {
  paymentId: string;
  /**
   * All that is left when absent. A function works it out while the payment is locked, so that no two requests count on the same
   * money; it is told what has been promised to the payer before, and may refuse by throwing.
   */
  amountMinor?: bigint | ((promisedMinor: bigint) => Promise<bigint>) | undefined;
  reason: string;
  actor: string;
  /** One refund per payment, actor and key. */
  key: string;
}

@Injectable()
export class RequestRefundService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: RefundsRepository,
    private readonly payments: PaymentsRepository,
    private readonly provider: PaymentProvider,
    private readonly fulfilments: PaymentFulfilments,
    private readonly syncing: SyncRefundsService,
    private readonly currencies: CurrenciesService,
    private readonly audit: AuditService,
  ) {}

  /**
   * Reserves the amount, then asks the provider. Throws PaymentNotFoundError, PaymentKeyReusedError, PaymentNotRefundableError,
   * RefundExceedsPaymentError; when the provider cannot be reached, the refund stays `requested` and is sent later.
   */
  async request(order: RefundOrder): Promise<Refund> {
    const refund = await this.unitOfWork.run(() => this.reserve(order));
    return refund.status === 'requested' ? this.send(refund) : refund;
  }

  /** Asks the provider for a reserved refund; the same refund is given back once however often and however late it is asked for. */
  async send(refund: Refund): Promise<Refund> {
    // The provider remembers our key for a day; what it made in answer to an earlier try is there for good.
    const known = await this.synced(refund);
    return known.status === 'requested' ? this.create(known) : known;
  }

  private async create(refund: Refund): Promise<Refund> {
    const payment = (await this.payments.find(refund.paymentId))!;
    try {
      const { paymentId, amountMinor, id: refundId } = refund;
      await this.provider.createRefund({ refundId, paymentId, intentId: payment.intentId!, amountMinor });
    } catch (error) {
      if (!(error instanceof OrderRefusedError)) throw error;
      await this.refused(refund, error.message);
      return (await this.repository.find(refund.id))!;
    }
    return this.synced(refund);
  }

  private async synced(refund: Refund): Promise<Refund> {
    await this.syncing.sync(refund.paymentId, refund.requestedBy);
    return (await this.repository.find(refund.id))!;
  }

  private async reserve(order: RefundOrder): Promise<Refund> {
    const payment = await this.payments.lock(order.paymentId);
    if (!payment) throw new PaymentNotFoundError();
    const earlier = await this.repository.findByKey(payment.id, order.actor, order.key);
    if (earlier) {
      if (!isSame(earlier, order)) throw new PaymentKeyReusedError();
      return earlier;
    }
    this.assertRefundable(payment);
    const promisedMinor = max(payment.refundRequestedMinor, payment.refundedMinor);
    const left = payment.amountMinor - promisedMinor;
    const asked = typeof order.amountMinor === 'function' ? await order.amountMinor(promisedMinor) : order.amountMinor;
    const amountMinor = asked ?? left;
    if (amountMinor > left || amountMinor <= 0n) {
      throw new RefundExceedsPaymentError(await this.currencies.format(left, payment.currency));
    }
    await this.payments.reserveRefund(payment.id, amountMinor);
    const refund = await this.repository.insert({
      id: uuidv7(),
      paymentId: payment.id,
      amountMinor,
      status: 'requested',
      reason: order.reason,
      requestedBy: order.actor,
      clientKey: order.key,
      providerId: null,
    });
    await this.audit.record({
      actor: order.actor,
      action: 'refund.requested',
      subject: { type: 'payment', id: payment.id },
      reason: order.reason,
      details: { refundId: refund!.id, amountMinor: String(amountMinor), currency: payment.currency },
    });
    return refund!;
  }

  private assertRefundable(payment: Payment): void {
    const captured = payment.status === 'succeeded' || payment.status === 'needs_review';
    if (!captured || !payment.intentId) throw new PaymentNotRefundableError('nothing has been paid');
    if (payment.disputedMinor > 0n) throw new PaymentNotRefundableError('the payer disputes it');
    if (payment.status === 'succeeded' && !this.fulfilments.reversalOf(payment.purpose)) {
      throw new PaymentNotRefundableError('what it bought cannot be taken back');
    }
  }

  private async refused(refund: Refund, failure: string): Promise<void> {
    await this.unitOfWork.run(async () => {
      await this.payments.lock(refund.paymentId);
      if ((await this.repository.find(refund.id))!.status !== 'requested') return;
      await this.payments.reserveRefund(refund.paymentId, -refund.amountMinor);
      await this.repository.change(refund.id, { status: 'failed', failure });
      await this.payments.note(refund.paymentId, 'refund_refused', 'system', { refundId: refund.id, failure });
    });
  }
}

/** Whether a refund is what is asked for now; an amount that is worked out is what it was worked out to be then. */
function isSame({ amountMinor, reason }: Refund, order: RefundOrder): boolean {
  const named = typeof order.amountMinor === 'bigint';
  return reason === order.reason && (!named || order.amountMinor === amountMinor);
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
