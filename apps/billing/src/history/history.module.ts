import { Module } from '@nestjs/common';
import { ExportHistoryService } from './export-history.service.js';
import { HistoryConsumer } from './history.consumer.js';
import { HistoryService } from './history.service.js';
import { HistoryStoreModule } from './history-store.module.js';
import { TransactionPresenter } from './transaction.presenter.js';
import { TransactionsController } from './transactions.controller.js';

@Module({
  imports: [HistoryStoreModule],
  controllers: [HistoryConsumer, TransactionsController],
  providers: [HistoryService, ExportHistoryService, TransactionPresenter],
})
export class HistoryModule {}
