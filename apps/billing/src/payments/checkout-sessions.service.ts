import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { OrderRefusedError } from './payment.errors.js';
import type { Payment } from './payment.js';
import { PaymentFulfilments } from './payment-fulfilments.js';
import { PaymentProvider } from './payment-provider.js';
import { PaymentsRepository } from './payments.repository.js';

/** The step from a payment row to a session that can be paid; safe to repeat after a crash at any point. */
@Injectable()
export class CheckoutSessionsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: PaymentsRepository,
    private readonly provider: PaymentProvider,
    private readonly fulfilments: PaymentFulfilments,
  ) {}

  /**
   * The payment with its session, created at the provider now when we know of none: the payment's id is the idempotency key, so a
   * session that was created but not written down is found again. Throws OrderRefusedError after marking the payment as failed and
   * letting go of what was reserved for it.
   */
  async ensure(payment: Payment): Promise<Payment> {
    if (payment.status !== 'created') return payment;
    try {
      const session = await this.provider.createSession(payment);
      const opened = await this.repository.move(payment.id, 'session_open', {
        sessionId: session.id,
        sessionUrl: session.url,
      });
      return opened ?? (await this.repository.find(payment.id))!;
    } catch (error) {
      if (error instanceof OrderRefusedError) await this.refused(payment.id, error.message);
      throw error;
    }
  }

  private async refused(id: string, message: string): Promise<void> {
    await this.unitOfWork.run(async () => {
      const payment = (await this.repository.lock(id))!;
      // Somebody else has got a session for it meanwhile, which can be paid.
      if (payment.status !== 'created') return;
      await this.repository.move(id, 'failed');
      await this.repository.note(id, 'refused_by_provider', 'system', { message });
      await this.fulfilments.of(payment.purpose).letGo?.(payment);
    });
  }
}
