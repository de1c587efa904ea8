import { Injectable } from '@nestjs/common';
import { DisputeClosedV1, DisputeOpenedV1 } from '#libs/contracts';
import { Outbox } from '#libs/messaging';
import { Clock } from '../clock/clock.js';
import type { Payment } from '../payments/payment.js';
import type { Dispute, DisputeState } from './disputes.repository.js';

/** What the other services hear about disputes. */
export const DISPUTE_EVENTS = [DisputeOpenedV1, DisputeClosedV1];

/** Tells of disputes in the ambient transaction; a warning is nobody's business yet. */
@Injectable()
export class DisputeNews {
  constructor(
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** Tells of the step from one state to another; nothing when there is none. */
  async moved(payment: Payment, before: DisputeState | undefined, { state, ...dispute }: Dispute): Promise<void> {
    if (state === before || state === 'warning') return;
    const { id: disputeId, amountMinor } = dispute;
    const { id: paymentId, userId, currency: disputedCurrency } = payment;
    const facts = { disputeId, paymentId, userId, disputedMinor: String(amountMinor), disputedCurrency };
    if (state === 'open') {
      const event = new DisputeOpenedV1({ ...facts, openedAt: dispute.openedAt.toISOString() });
      await this.outbox.add(event, { aggregateId: disputeId, aggregateVersion: 1 });
    } else {
      const closedAt = (await this.clock.now()).toISOString();
      const event = new DisputeClosedV1({ ...facts, outcome: state, closedAt });
      // Decided anew after an appeal.
      const again = before === 'won' || before === 'lost';
      await this.outbox.add(event, { aggregateId: disputeId, aggregateVersion: again ? 3 : 2 });
    }
  }
}
