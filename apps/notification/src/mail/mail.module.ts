import { BullModule } from '@nestjs/bull';
import { Module } from '@nestjs/common';
import { ContactsModule } from '../contacts/contacts.module.js';
import { DeliveriesModule } from '../deliveries/deliveries.module.js';
import { TemplatesModule } from '../templates/templates.module.js';
import { MailTransport } from './mail-transport.js';
import { MAIL_QUEUES, MailLanes } from './mail-lanes.service.js';
import { SecurityMailProcessor, StandardMailProcessor } from './mail.processor.js';
import { MailsService } from './mails.service.js';

/** Mail. */
@Module({
  imports: [
    ContactsModule,
    DeliveriesModule,
    TemplatesModule,
    BullModule.registerQueue({ name: MAIL_QUEUES.security }, { name: MAIL_QUEUES.standard }),
  ],
  providers: [MailTransport, MailsService, MailLanes, SecurityMailProcessor, StandardMailProcessor],
  exports: [MailsService, MailLanes],
})
export class MailModule {}
