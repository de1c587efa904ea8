import { Module } from '@nestjs/common';
import { CommandModule } from '#libs/commands';
import { billingStores } from './billing.stores.js';
import { BooksCommand } from './books/books.command.js';
import { BooksProofModule } from './books/books-proof.module.js';
import { ClockModule } from './clock/clock.module.js';
import { ConfigModule } from './config.module.js';
import { DemoModule } from './demo/demo.module.js';
import { HistoryCommand } from './history/history.command.js';
import { HistoryStoreModule } from './history/history-store.module.js';
import { MoneyModule } from './money/money.module.js';

/** The commands: no server, no relay; what they say is published by the running service. */
@Module({
  imports: [
    CommandModule,
    ConfigModule,
    ...billingStores(),
    ClockModule,
    MoneyModule,
    DemoModule,
    BooksProofModule,
    HistoryStoreModule,
  ],
  providers: [BooksCommand, HistoryCommand],
})
export class BillingCliModule {}
