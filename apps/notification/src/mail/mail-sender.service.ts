import { Injectable } from '@nestjs/common';
import { openSecret } from '#libs/contracts';
import { messageIdOf, type Outcome } from '../deliveries/delivery.js';
import type { Delivery } from '../deliveries/delivery.schema.js';
import { NotificationConfig } from '../notification.config.js';
import { PreferencesService } from '../preferences/preferences.service.js';
import { judge, type Standing } from '../recipients/standing.js';
import { SuppressionsRepository } from '../suppressions/suppressions.repository.js';
import type { CompiledTemplate } from '../templates/compiled-template.js';
import { domainOf, isPlainAddress } from './mail.js';
import { MailForm } from './mail-form.js';
import { MailTransport } from './mail-transport.js';
import { outcomeOf } from './smtp-fault.js';

/** Turns one taken delivery into a mail and hands it over. */
@Injectable()
export class MailSender {
  private readonly domain: string;
  private readonly forms = new WeakMap<CompiledTemplate, MailForm>();

  constructor(
    private readonly transport: MailTransport,
    private readonly preferences: PreferencesService,
    private readonly suppressions: SuppressionsRepository,
    private readonly config: NotificationConfig,
  ) {
    this.domain = domainOf(config.MAIL_FROM);
  }

  /** Whatever the mail server does is an outcome, never an exception; an address it refuses is suppressed. */
  async send(delivery: Delivery, standing: Standing, template: CompiledTemplate): Promise<Outcome> {
    const verdict = judge(delivery, standing, new Date());
    if (verdict.say === 'no') return { state: 'skipped', reason: verdict.reason };
    if (verdict.say === 'later') return { state: 'pending', reason: 'quiet_hours', until: verdict.until };
    const address = delivery.to?.email ?? standing.contact?.email ?? '';
    if (!isPlainAddress(address)) return { state: 'failed', reason: 'address_invalid', response: '' };
    const outcome = await this.handOver(delivery, address, template);
    if (outcome.state === 'failed' && outcome.reason === 'address_refused') {
      await this.suppressions.add(address, outcome.reason, outcome.response);
    }
    return outcome;
  }

  private async handOver(delivery: Delivery, address: string, template: CompiledTemplate): Promise<Outcome> {
    const { class: category, userId, lane } = delivery;
    const unsubscribeUrl = category === 'marketing' ? this.preferences.unsubscribeUrl({ userId, category }) : undefined;
    try {
      const open = (sealed: string): string => openSecret(sealed, this.config.EVENT_SECRETS_KEY);
      const message = template.render(delivery.facts ?? {}, { open, unsubscribeUrl });
      const messageId = messageIdOf(delivery, this.domain);
      const raw = await this.formOf(template).fill(message, { to: address, messageId, unsubscribeUrl });
      return { state: 'sent', response: await this.transport.send(lane, { to: address, raw }) };
    } catch (error) {
      return outcomeOf(error);
    }
  }

  private formOf(template: CompiledTemplate): MailForm {
    const form = this.forms.get(template) ?? new MailForm(template, this.config.MAIL_FROM);
    this.forms.set(template, form);
    return form;
  }
}
