import { Module } from '@nestjs/common';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { RefundNews } from './refund-news.service.js';
import { RefundEvents } from './refund-events.js';
import { RefundsController } from './refunds.controller.js';
import { RefundsRepository } from './refunds.repository.js';
import { RequestRefundService } from './request-refund.service.js';
import { SyncRefundsService } from './sync-refunds.service.js';

@Module({
  imports: [IdempotencyModule, LedgerModule, PaymentsModule],
  controllers: [RefundsController],
  providers: [RefundsRepository, RequestRefundService, SyncRefundsService, RefundNews, RefundEvents],
  exports: [RefundsRepository, RequestRefundService],
})
export class RefundsModule {}
