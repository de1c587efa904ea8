import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Payment } from './payment.js';
import type { ProviderEvent } from './payment-provider.js';
import { PaymentsRepository } from './payments.repository.js';
import { ProviderEventHandlers } from './provider-event-handlers.js';
import { SettlePaymentService } from './settle-payment.service.js';

/** Any news about a session means the same: look at the payment. Which news it was, and in which order it came, does not matter. */
@Injectable()
export class SessionEvents implements OnModuleInit {
  constructor(
    private readonly handlers: ProviderEventHandlers,
    private readonly repository: PaymentsRepository,
    private readonly settling: SettlePaymentService,
  ) {}

  onModuleInit(): void {
    this.handlers.register('checkout.session.', (event) => this.onSession(event));
  }

  private async onSession(event: ProviderEvent): Promise<boolean> {
    const payment = await this.paymentOf(event);
    if (!payment) return false;
    await this.settling.settle(payment.id, `webhook ${event.id}`);
    return true;
  }

  /** By our own id as well: the news may be here before we have written down the session's id. */
  private async paymentOf({ objectId, paymentId }: ProviderEvent): Promise<Payment | undefined> {
    return (
      (await this.repository.findBySession(objectId)) ?? (paymentId ? await this.repository.find(paymentId) : undefined)
    );
  }
}
