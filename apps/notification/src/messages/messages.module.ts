import { Module } from '@nestjs/common';
import { ContactsModule } from '../contacts/contacts.module.js';
import { DeliveriesModule } from '../deliveries/deliveries.module.js';
import { InboxModule } from '../inbox/inbox.module.js';
import { MailModule } from '../mail/mail.module.js';
import { RecipientsModule } from '../recipients/recipients.module.js';
import { TemplatesModule } from '../templates/templates.module.js';
import { WebhooksModule } from '../webhooks/webhooks.module.js';
import { InboxChannel } from './inbox-channel.service.js';
import { MailChannel } from './mail-channel.service.js';
import type { MessageChannel } from './message-channel.js';
import { MessagesConsumer } from './messages.consumer.js';
import { MESSAGE_CHANNELS, MessagesService } from './messages.service.js';
import { WebhookChannel } from './webhook-channel.service.js';

const CHANNELS = [InboxChannel, MailChannel, WebhookChannel];

/** From events to people. */
@Module({
  imports: [
    ContactsModule,
    DeliveriesModule,
    InboxModule,
    MailModule,
    RecipientsModule,
    TemplatesModule,
    WebhooksModule,
  ],
  controllers: [MessagesConsumer],
  providers: [
    ...CHANNELS,
    { provide: MESSAGE_CHANNELS, inject: CHANNELS, useFactory: (...channels: MessageChannel[]) => channels },
    MessagesService,
  ],
})
export class MessagesModule {}
