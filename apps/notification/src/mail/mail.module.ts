import { BullModule } from '@nestjs/bull';
import { Module } from '@nestjs/common';
import { DeliveriesModule } from '../deliveries/deliveries.module.js';
import { PreferencesModule } from '../preferences/preferences.module.js';
import { RecipientsModule } from '../recipients/recipients.module.js';
import { SuppressionsModule } from '../suppressions/suppressions.module.js';
import { TemplatesModule } from '../templates/templates.module.js';
import { MailSender } from './mail-sender.service.js';
import { MailTransport } from './mail-transport.js';
import { MAIL_QUEUES, MailLanes } from './mail-lanes.service.js';
import { SecurityMailProcessor, StandardMailProcessor } from './mail.processor.js';
import { MailsService } from './mails.service.js';

/** Mail. */
@Module({
  imports: [
    DeliveriesModule,
    PreferencesModule,
    RecipientsModule,
    SuppressionsModule,
    TemplatesModule,
    BullModule.registerQueue({ name: MAIL_QUEUES.security }, { name: MAIL_QUEUES.standard }),
  ],
  providers: [MailTransport, MailSender, MailsService, MailLanes, SecurityMailProcessor, StandardMailProcessor],
  exports: [MailTransport, MailSender, MailLanes],
})
export class MailModule {}
