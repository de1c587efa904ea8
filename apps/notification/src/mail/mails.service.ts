import { Injectable } from '@nestjs/common';
import { openSecret } from '#libs/contracts';
import type { Contact } from '../contacts/contact.schema.js';
import { ContactsRepository } from '../contacts/contacts.repository.js';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import type { Outcome } from '../deliveries/delivery.js';
import type { Delivery } from '../deliveries/delivery.schema.js';
import { NotificationConfig } from '../notification.config.js';
import type { CompiledTemplate } from '../templates/compiled-template.js';
import { TemplatesService } from '../templates/templates.service.js';
import { composeMail, domainOf, isPlainAddress } from './mail.js';
import { MailTransport } from './mail-transport.js';
import { refusalOf } from './recipient.js';
import { outcomeOf } from './smtp-fault.js';

/** Sends mails, one delivery at a time. */
@Injectable()
export class MailsService {
  private readonly domain: string;

  constructor(
    private readonly deliveries: DeliveriesRepository,
    private readonly contacts: ContactsRepository,
    private readonly templates: TemplatesService,
    private readonly transport: MailTransport,
    private readonly config: NotificationConfig,
  ) {
    this.domain = domainOf(config.MAIL_FROM);
  }

  /** Sends one delivery of a single message, unless it is final, not due or somebody else's just now. */
  async deliver(id: string): Promise<void> {
    const delivery = await this.deliveries.take(id);
    if (!delivery?.template) return;
    const contact = await this.contacts.find(delivery.userId);
    const template = await this.templates.find(delivery.template, delivery.to?.locale ?? contact?.locale);
    await this.deliveries.record([{ delivery, outcome: await this.send(delivery, contact, template) }]);
  }

  /** Sends one mail to who the contact is now; whatever happens is an outcome, never an exception. */
  async send(delivery: Delivery, contact: Contact | undefined, template: CompiledTemplate): Promise<Outcome> {
    const refusal = refusalOf(delivery, contact);
    if (refusal) return { state: 'skipped', reason: refusal };
    const address = delivery.to?.email ?? contact?.email ?? '';
    if (!isPlainAddress(address)) return { state: 'failed', reason: 'address_invalid', response: '' };
    try {
      const message = template.render(delivery.facts ?? {}, {
        open: (sealed) => openSecret(sealed, this.config.EVENT_SECRETS_KEY),
      });
      const mail = composeMail(delivery, address, message, this.domain);
      return { state: 'sent', response: await this.transport.send(delivery.lane, mail) };
    } catch (error) {
      return outcomeOf(error);
    }
  }
}
