import { Injectable } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import type { Contact } from '../contacts/contact.schema.js';
import { ContactsRepository } from '../contacts/contacts.repository.js';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import type { Delivery } from '../deliveries/delivery.schema.js';
import { InboxRepository } from '../inbox/inbox.repository.js';
import { MailLanes } from '../mail/mail-lanes.service.js';
import { RecipientsService } from '../recipients/recipients.service.js';
import { judge } from '../recipients/standing.js';
import { TEMPLATES } from '../templates/template.js';
import { TemplatesService } from '../templates/templates.service.js';
import { ContactUnknownError } from './message.errors.js';
import type { Said } from './rules.js';

/** Says something to one user. */
@Injectable()
export class MessagesService {
  constructor(
    private readonly contacts: ContactsRepository,
    private readonly inbox: InboxRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly lanes: MailLanes,
    private readonly templates: TemplatesService,
    private readonly recipients: RecipientsService,
  ) {}

  /**
   * Puts the message into the inbox and writes its mail down to be sent. `key` names what is being said: with the same key
   * nothing happens twice. Throws ContactUnknownError when nothing is known of the user yet.
   */
  async say(key: string, said: Said): Promise<void> {
    const contact = await this.contacts.find(said.userId);
    if (!contact?.email && !contact?.deletedAt && !said.to) throw new ContactUnknownError(said.userId);
    if (contact?.deletedAt) return;
    if (said.channels.includes('inbox')) await this.putIntoInbox(key, said, contact);
    if (said.channels.includes('email')) await this.queueMail(key, said);
  }

  private async putIntoInbox(key: string, said: Said, contact: Contact | undefined): Promise<void> {
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

  private async queueMail(key: string, said: Said): Promise<void> {
    const delivery = deliveryOf(key, said, 'email');
    delivery.facts = said.facts;
    if (said.to) delivery.to = said.to;
    await this.deliveries.insert([delivery]);
    await this.lanes.wake(delivery.lane === 'security' ? 'security' : 'standard', delivery._id);
  }
}

function deliveryOf(messageKey: string, { template, userId }: Said, channel: Delivery['channel']): Delivery {
  const now = new Date();
  const kind = TEMPLATES[template].class;
  return {
    _id: uuidv7(),
    messageKey,
    userId,
    channel,
    class: kind,
    lane: kind === 'security' ? 'security' : 'standard',
    template,
    state: 'pending',
    attempts: 0,
    nextAttemptAt: now,
    createdAt: now,
  };
}
