import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { QuotesModule } from '../quotes/quotes.module.js';
import { ConversionsController } from './conversions.controller.js';
import { ConversionsRepository } from './conversions.repository.js';
import { ConversionsService } from './conversions.service.js';

@Module({
  imports: [AccountsModule, IdempotencyModule, LedgerModule, QuotesModule],
  controllers: [ConversionsController],
  providers: [ConversionsRepository, ConversionsService],
})
export class ConversionsModule {}
