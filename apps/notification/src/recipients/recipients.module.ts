import { Module } from '@nestjs/common';
import { ContactsModule } from '../contacts/contacts.module.js';
import { DeliveriesModule } from '../deliveries/deliveries.module.js';
import { PreferencesModule } from '../preferences/preferences.module.js';
import { SuppressionsModule } from '../suppressions/suppressions.module.js';
import { RecipientsService } from './recipients.service.js';

/** Who may be written to now. */
@Module({
  imports: [ContactsModule, DeliveriesModule, PreferencesModule, SuppressionsModule],
  providers: [RecipientsService],
  exports: [RecipientsService],
})
export class RecipientsModule {}
