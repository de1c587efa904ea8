import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { UnavailableError } from '#libs/errors';
import type { ProviderEvent } from '../payments/payment-provider.js';
import { PaymentsRepository } from '../payments/payments.repository.js';
import { ProviderEventHandlers } from '../payments/provider-event-handlers.js';
import { SettlePaymentService } from '../payments/settle-payment.service.js';
import { SweeperService } from '../payments/sweeper.service.js';
import { DisputesRepository } from './disputes.repository.js';
import { SyncDisputeService } from './sync-dispute.service.js';

/** Any news about a dispute means the same: look at it. When none comes, undecided ones are looked at daily. */
@Injectable()
export class DisputeEvents implements OnModuleInit {
  private readonly logger = new Logger(DisputeEvents.name);

  constructor(
    private readonly handlers: ProviderEventHandlers,
    private readonly sweeper: SweeperService,
    private readonly payments: PaymentsRepository,
    private readonly settling: SettlePaymentService,
    private readonly disputes: DisputesRepository,
    private readonly syncing: SyncDisputeService,
  ) {}

  onModuleInit(): void {
    this.handlers.register('charge.dispute.', (event) => this.onDispute(event));
    this.sweeper.alsoDo(() => this.sweep());
  }

  private async onDispute({ id, objectId, intentId, paymentId }: ProviderEvent): Promise<boolean> {
    const known = intentId ? await this.payments.findByIntent(intentId) : undefined;
    // Events come in no order: what is disputed was paid first.
    if (!known && paymentId) await this.settling.settle(paymentId, `webhook ${id}`);
    else if (known && known.status !== 'succeeded') await this.settling.settle(known.id, `webhook ${id}`);
    if (await this.syncing.sync(objectId, `webhook ${id}`)) return true;
    // A payment we have not settled yet may be behind it: the event is tried again, and left for a person if it stays so.
    throw new UnavailableError('The payment of this dispute');
  }

  private async sweep(): Promise<void> {
    for (const id of await this.disputes.claimDue(20)) {
      try {
        await this.syncing.sync(id, 'sweeper');
      } catch (error) {
        this.logger.warn(`Dispute ${id} not looked at: ${(error as Error).message}`);
      }
    }
  }
}
