import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { HistoryConsumer } from './history.consumer.js';
import { HistoryEntry, HistoryEntrySchema } from './history-entry.schema.js';
import { HistoryRepository } from './history.repository.js';
import { HistoryService } from './history.service.js';
import { TransactionPresenter } from './transaction.presenter.js';
import { TransactionsController } from './transactions.controller.js';

@Module({
  imports: [MongooseModule.forFeature([{ name: HistoryEntry.name, schema: HistoryEntrySchema }])],
  controllers: [HistoryConsumer, TransactionsController],
  providers: [HistoryRepository, HistoryService, TransactionPresenter],
  exports: [HistoryRepository],
})
export class HistoryModule {}
