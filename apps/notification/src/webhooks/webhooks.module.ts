import { Module } from '@nestjs/common';
import { DeliveriesModule } from '../deliveries/deliveries.module.js';
import { RecipientsModule } from '../recipients/recipients.module.js';
import { TemplatesModule } from '../templates/templates.module.js';
import { WebhookLane } from './webhook-lane.service.js';
import { WebhooksService } from './webhooks.service.js';

/** Signed webhooks. */
@Module({
  imports: [DeliveriesModule, RecipientsModule, TemplatesModule],
  providers: [WebhookLane, WebhooksService],
  exports: [WebhookLane, WebhooksService],
})
export class WebhooksModule {}
