import { Injectable } from '@nestjs/common';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import type { Delivery } from '../deliveries/delivery.schema.js';
import { RecipientsService } from '../recipients/recipients.service.js';
import { TemplatesService } from '../templates/templates.service.js';
import { MailSender } from './mail-sender.service.js';
import { MailTransport } from './mail-transport.js';

/** Sends mails, one delivery at a time. */
@Injectable()
export class MailsService {
  constructor(
    private readonly deliveries: DeliveriesRepository,
    private readonly recipients: RecipientsService,
    private readonly templates: TemplatesService,
    private readonly sender: MailSender,
    private readonly transport: MailTransport,
  ) {}

  /** Sends one delivery of a single message, unless it is final, not due or somebody else's just now. */
  async deliver(id: string, lane: Delivery['lane']): Promise<void> {
    if (this.transport.rests(lane)) return;
    const delivery = await this.deliveries.take(id);
    if (!delivery?.template) return;
    const standing = await this.recipients.standingOf(delivery);
    const template = await this.templates.find(delivery.template, delivery.to?.locale ?? standing.contact?.locale);
    await this.deliveries.record([{ delivery, outcome: await this.sender.send(delivery, standing, template) }]);
  }
}
