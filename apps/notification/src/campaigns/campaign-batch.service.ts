import { Injectable } from '@nestjs/common';
import type { Contact } from '../contacts/contact.schema.js';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import type { Outcome } from '../deliveries/delivery.js';
import type { Delivery } from '../deliveries/delivery.schema.js';
import { InboxRepository } from '../inbox/inbox.repository.js';
import type { Notification } from '../inbox/notification.schema.js';
import { MailsService } from '../mail/mails.service.js';
import { refusalOf } from '../mail/recipient.js';
import type { CampaignTexts } from './campaign.js';

/** Sends what a runner has taken. */
@Injectable()
export class CampaignBatch {
  constructor(
    private readonly inbox: InboxRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly mails: MailsService,
  ) {}

  /** Inbox messages go together, mails over the lane's connections; all outcomes are written down at the end. */
  async send(taken: Delivery[], contacts: Map<string, Contact>, texts: CampaignTexts): Promise<void> {
    await this.fillInboxes(
      taken.filter(({ channel }) => channel === 'inbox'),
      contacts,
      texts,
    );
    const mails = taken.filter(({ channel }) => channel === 'email');
    const outcomes = mails.map(async (delivery) => {
      const contact = contacts.get(delivery.userId);
      delivery.facts = factsOf(contact);
      return { delivery, outcome: await this.mails.send(delivery, contact, texts.for(contact?.locale)) };
    });
    await this.deliveries.record(await Promise.all(outcomes));
  }

  private async fillInboxes(taken: Delivery[], contacts: Map<string, Contact>, texts: CampaignTexts): Promise<void> {
    const messages: Notification[] = [];
    const outcomes = taken.map((delivery): { delivery: Delivery; outcome: Outcome } => {
      const contact = contacts.get(delivery.userId);
      const refusal = refusalOf(delivery, contact);
      if (refusal) return { delivery, outcome: { state: 'skipped', reason: refusal } };
      messages.push(notificationOf(delivery, contact, texts));
      return { delivery, outcome: { state: 'sent', response: '' } };
    });
    await this.inbox.insert(messages);
    await this.deliveries.record(outcomes);
  }
}

function notificationOf(delivery: Delivery, contact: Contact | undefined, texts: CampaignTexts): Notification {
  const { _id, userId, messageKey } = delivery;
  const { subject, summary } = texts.for(contact?.locale).render(factsOf(contact));
  return {
    _id,
    userId,
    messageKey,
    category: delivery.class,
    title: subject,
    body: summary,
    createdAt: new Date(),
    readAt: null,
  };
}

function factsOf(contact: Contact | undefined): { email: string } {
  return { email: contact?.email ?? '' };
}
