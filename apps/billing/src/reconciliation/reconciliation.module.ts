import { BullModule } from '@nestjs/bull';
import { Module } from '@nestjs/common';
import { PaymentsModule } from '../payments/payments.module.js';
import { ReconciliationController } from './reconciliation.controller.js';
import { RECONCILIATION_QUEUE, ReconciliationProcessor } from './reconciliation.processor.js';
import { ReconciliationRepository } from './reconciliation.repository.js';
import { ReconciliationService } from './reconciliation.service.js';

@Module({
  imports: [PaymentsModule, BullModule.registerQueue({ name: RECONCILIATION_QUEUE })],
  controllers: [ReconciliationController],
  providers: [ReconciliationRepository, ReconciliationService, ReconciliationProcessor],
})
export class ReconciliationModule {}
