import { Injectable } from '@nestjs/common';
import { OrderRefusedError } from './payment.errors.js';
import type { Payment } from './payment.js';
import { PaymentProvider } from './payment-provider.js';
import { PaymentsRepository } from './payments.repository.js';

/** The step from a payment row to a session that can be paid; safe to repeat after a crash at any point. */
@Injectable()
export class CheckoutSessionsService {
  constructor(
    private readonly repository: PaymentsRepository,
    private readonly provider: PaymentProvider,
  ) {}

  /**
   * The payment with its session, created at the provider now when we know of none: the payment's id is the idempotency key, so a
   * session that was created but not written down is found again. Throws OrderRefusedError after marking the payment as failed.
   */
  async ensure(payment: Payment): Promise<Payment> {
    if (payment.sessionId) return payment;
    try {
      const session = await this.provider.createSession(payment);
      const opened = await this.repository.move(payment.id, 'session_open', {
        sessionId: session.id,
        sessionUrl: session.url,
      });
      return opened ?? (await this.repository.find(payment.id))!;
    } catch (error) {
      if (error instanceof OrderRefusedError) {
        await this.repository.move(payment.id, 'failed');
        await this.repository.note(payment.id, 'refused_by_provider', 'system', { message: error.message });
      }
      throw error;
    }
  }
}
