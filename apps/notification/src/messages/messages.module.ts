import { Module } from '@nestjs/common';
import { ContactsModule } from '../contacts/contacts.module.js';
import { DeliveriesModule } from '../deliveries/deliveries.module.js';
import { InboxModule } from '../inbox/inbox.module.js';
import { MailModule } from '../mail/mail.module.js';
import { RecipientsModule } from '../recipients/recipients.module.js';
import { TemplatesModule } from '../templates/templates.module.js';
import { MessagesConsumer } from './messages.consumer.js';
import { MessagesService } from './messages.service.js';

/** From events to people. */
@Module({
  imports: [ContactsModule, DeliveriesModule, InboxModule, MailModule, RecipientsModule, TemplatesModule],
  controllers: [MessagesConsumer],
  providers: [MessagesService],
})
export class MessagesModule {}
