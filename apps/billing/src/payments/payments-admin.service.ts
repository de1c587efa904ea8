import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { AuditService } from '../audit/audit.service.js';
import { PaymentNotFoundError, ProviderEventNotFoundError } from './payment.errors.js';
import type { Payment } from './payment.js';
import {
  type KeptEvent,
  PaymentsAdminRepository,
  type PaymentSearch,
  type TimelineItem,
} from './payments-admin.repository.js';
import { PaymentsRepository } from './payments.repository.js';
import { ProviderEventsService } from './provider-events.service.js';
import { SettlePaymentService } from './settle-payment.service.js';

/** What administrators see of payments and can do about them. */
@Injectable()
export class PaymentsAdminService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: PaymentsAdminRepository,
    private readonly payments: PaymentsRepository,
    private readonly settling: SettlePaymentService,
    private readonly events: ProviderEventsService,
    private readonly audit: AuditService,
  ) {}

  /** Who asks for a user's is on record; who looks for payments to work on is not. */
  async search(actor: string, search: PaymentSearch): Promise<Payment[]> {
    if (search.userId) await this.audit.viewed(actor, 'payments.viewed', [search.userId]);
    return this.repository.search(search);
  }

  /** A payment with everything that happened to it. Who looked is on record. Throws PaymentNotFoundError. */
  async details(actor: string, id: string): Promise<{ payment: Payment; timeline: TimelineItem[] }> {
    const payment = await this.payments.find(id);
    if (!payment) throw new PaymentNotFoundError();
    await this.audit.viewed(actor, 'payment.viewed', [payment.userId], { paymentId: id });
    return { payment, timeline: await this.repository.timeline(payment) };
  }

  /** Asks the provider again and settles what can be settled now. Throws PaymentNotFoundError, UnavailableError. */
  async retry(actor: string, id: string): Promise<Payment> {
    await this.unitOfWork.run(() =>
      this.audit.record({ actor, action: 'payment.retried', subject: { type: 'payment', id } }),
    );
    return this.settling.settle(id, `admin ${actor}`);
  }

  /** Leaves the money of a withheld user where it is, which takes the payment off the list. Throws PaymentNotFoundError. */
  async dismissRefund(actor: string, id: string, reason: string): Promise<Payment> {
    return this.unitOfWork.run(async () => {
      const payment = await this.payments.lock(id);
      if (!payment) throw new PaymentNotFoundError();
      if (await this.payments.setRefundDue(id, null)) {
        await this.payments.note(id, 'refund_due_dismissed', actor, { reason });
        await this.audit.record({ actor, action: 'refund.dismissed', subject: { type: 'payment', id }, reason });
      }
      return { ...payment, refundDue: null };
    });
  }

  async deadEvents(limit: number): Promise<KeptEvent[]> {
    return this.repository.deadEvents(limit);
  }

  /** Works off a dead message of the provider once more. Throws ProviderEventNotFoundError. */
  async retryEvent(actor: string, id: string): Promise<void> {
    await this.unitOfWork.run(async () => {
      // PostgreSQL cannot even be asked for a text with a NUL in it.
      if (id.includes('\0') || !(await this.repository.revive(id))) throw new ProviderEventNotFoundError();
      await this.audit.record({ actor, action: 'provider_event.retried', subject: { type: 'provider_event', id } });
    });
    await this.events.work();
  }
}
