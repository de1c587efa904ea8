import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { ProviderEvent } from '../payments/payment-provider.js';
import { PaymentsRepository } from '../payments/payments.repository.js';
import { ProviderEventHandlers } from '../payments/provider-event-handlers.js';
import { SettlePaymentService } from '../payments/settle-payment.service.js';
import { SweeperService } from '../payments/sweeper.service.js';
import { RefundsRepository } from './refunds.repository.js';
import { RequestRefundService } from './request-refund.service.js';
import { SyncRefundsService } from './sync-refunds.service.js';

/** What makes refunds move: the provider's news, and a look of our own when none comes. */
@Injectable()
export class RefundEvents implements OnModuleInit {
  private readonly logger = new Logger(RefundEvents.name);

  constructor(
    private readonly handlers: ProviderEventHandlers,
    private readonly sweeper: SweeperService,
    private readonly payments: PaymentsRepository,
    private readonly settling: SettlePaymentService,
    private readonly refunds: RefundsRepository,
    private readonly syncing: SyncRefundsService,
    private readonly requesting: RequestRefundService,
  ) {}

  onModuleInit(): void {
    for (const prefix of ['refund.', 'charge.refund']) this.handlers.register(prefix, (event) => this.onRefund(event));
    this.sweeper.alsoDo(() => this.sweep());
  }

  private async onRefund({ id, intentId, paymentId }: ProviderEvent): Promise<boolean> {
    const payment =
      (intentId ? await this.payments.findByIntent(intentId) : undefined) ??
      (paymentId ? await this.payments.find(paymentId) : undefined);
    if (!payment) return false;
    // Events come in no order: what was refunded was paid first.
    if (payment.status !== 'succeeded') await this.settling.settle(payment.id, `webhook ${id}`);
    await this.syncing.sync(payment.id, `webhook ${id}`);
    return true;
  }

  private async sweep(): Promise<void> {
    await this.givePaidTwiceBack();
    for (const refund of await this.refunds.claimDue(20)) {
      try {
        await (refund.status === 'requested'
          ? this.requesting.send(refund)
          : this.syncing.sync(refund.paymentId, 'sweeper'));
      } catch (error) {
        this.logger.warn(`Refund ${refund.id} not looked at: ${(error as Error).message}`);
      }
    }
  }

  private async givePaidTwiceBack(): Promise<void> {
    const order = { key: 'paid-twice', reason: 'paid twice for one order', actor: 'system' };
    for (const paymentId of await this.refunds.paidTwice(order.actor, order.key, 20)) {
      try {
        await this.requesting.request({ ...order, paymentId });
      } catch (error) {
        this.logger.warn(`Payment ${paymentId} not given back: ${(error as Error).message}`);
      }
    }
  }
}
