import { Injectable } from '@nestjs/common';
import type { Contact } from '../contacts/contact.schema.js';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import { InboxRepository } from '../inbox/inbox.repository.js';
import { RecipientsService } from '../recipients/recipients.service.js';
import { judge } from '../recipients/standing.js';
import { TemplatesService } from '../templates/templates.service.js';
import { deliveryOf, MessageChannel } from './message-channel.js';
import type { Said } from './rules.js';

/** The inbox of the application. */
@Injectable()
export class InboxChannel extends MessageChannel {
  constructor(
    private readonly inbox: InboxRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly templates: TemplatesService,
    private readonly recipients: RecipientsService,
  ) {
    super();
  }

  takes({ channels }: Said): boolean {
    return channels.includes('inbox');
  }

  async say(key: string, said: Said, contact: Contact | undefined): Promise<void> {
    const template = await this.templates.find(said.template, contact?.locale ?? said.to?.locale);
    const { subject, summary } = template.render(said.facts);
    const delivery = deliveryOf(key, said, 'inbox');
    const verdict = judge(delivery, await this.recipients.standingOf(delivery), delivery.createdAt);
    if (verdict.say === 'no') {
      const skipped = { state: 'skipped' as const, reason: verdict.reason, finishedAt: delivery.createdAt };
      return this.deliveries.insert([Object.assign(delivery, skipped)]);
    }
    const { _id, userId, messageKey, createdAt } = delivery;
    const notification = {
      _id,
      userId,
      messageKey,
      createdAt,
      category: delivery.class,
      title: subject,
      body: summary,
      readAt: null,
    };
    await this.inbox.insert([notification]);
    await this.deliveries.insert([Object.assign(delivery, { state: 'sent', finishedAt: createdAt })]);
  }
}
