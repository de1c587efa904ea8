import { Module } from '@nestjs/common';
import { LedgerModule } from '../ledger/ledger.module.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { DisputeNews } from './dispute-news.service.js';
import { DisputeEvents } from './dispute-events.js';
import { DisputesRepository } from './disputes.repository.js';
import { SyncDisputeService } from './sync-dispute.service.js';

@Module({
  imports: [LedgerModule, PaymentsModule],
  providers: [DisputesRepository, SyncDisputeService, DisputeEvents, DisputeNews],
  exports: [DisputesRepository, SyncDisputeService],
})
export class DisputesModule {}
