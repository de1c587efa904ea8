import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { HistoryEntry, HistoryEntrySchema } from './history-entry.schema.js';
import { HistoryRepository } from './history.repository.js';
import { LedgerEntriesRepository } from './ledger-entries.repository.js';
import { RebuildHistoryService } from './rebuild-history.service.js';

/** The history's store and what keeps it equal to the ledger: for the service and for the command line. */
@Module({
  imports: [MongooseModule.forFeature([{ name: HistoryEntry.name, schema: HistoryEntrySchema }])],
  providers: [HistoryRepository, LedgerEntriesRepository, RebuildHistoryService],
  exports: [HistoryRepository, LedgerEntriesRepository, RebuildHistoryService],
})
export class HistoryStoreModule {}
