import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { RatesModule } from '../rates/rates.module.js';
import { AdjustmentsController } from './adjustments.controller.js';
import { AdjustmentsRepository } from './adjustments.repository.js';
import { AdjustmentsService } from './adjustments.service.js';

@Module({
  imports: [AccountsModule, IdempotencyModule, LedgerModule, RatesModule],
  controllers: [AdjustmentsController],
  providers: [AdjustmentsRepository, AdjustmentsService],
})
export class AdjustmentsModule {}
