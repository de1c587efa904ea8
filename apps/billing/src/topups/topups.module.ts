import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { PaymentsModule } from '../payments/payments.module.js';
import { QuotesModule } from '../quotes/quotes.module.js';
import { FulfilTopUpService } from './fulfil-topup.service.js';
import { ReverseTopUpService } from './reverse-topup.service.js';
import { TopUpsController } from './topups.controller.js';
import { TopUpsService } from './topups.service.js';

@Module({
  imports: [AccountsModule, IdempotencyModule, LedgerModule, PaymentsModule, QuotesModule],
  controllers: [TopUpsController],
  providers: [TopUpsService, FulfilTopUpService, ReverseTopUpService],
})
export class TopUpsModule {}
