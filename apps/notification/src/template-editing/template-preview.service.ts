import { Injectable } from '@nestjs/common';
import { sealSecret, uuidv7 } from '#libs/contracts';
import { AuditRepository } from '../audit/audit.repository.js';
import type { Contact } from '../contacts/contact.schema.js';
import { ContactsRepository } from '../contacts/contacts.repository.js';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import type { Delivery } from '../deliveries/delivery.schema.js';
import { MailSender } from '../mail/mail-sender.service.js';
import type { TestResultDto } from '../mail/test-result.dto.js';
import { NotificationConfig } from '../notification.config.js';
import { CompiledTemplate } from '../templates/compiled-template.js';
import { localeFor } from '../templates/locale.js';
import { samplesOf } from '../templates/samples.js';
import { type Facts, kindOf, type TemplateKey } from '../templates/template.js';
import { textFault, textFaults } from '../templates/template-check.js';
import type { PreviewTemplateDto, PreviewUserDto, TemplatePreviewDto } from './template.dto.js';
import { NoAddressForTestError, PreviewUserNotFoundError, TemplateInvalidError } from './template.errors.js';

/** Looking at a text before anybody else does. */
@Injectable()
export class TemplatePreview {
  constructor(
    private readonly contacts: ContactsRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly sender: MailSender,
    private readonly audit: AuditRepository,
    private readonly config: NotificationConfig,
  ) {}

  /**
   * The text with a user's own values, or with samples. Throws TemplateInvalidError when the text is not of the allowed language,
   * PreviewUserNotFoundError.
   */
  async preview(adminId: string, key: TemplateKey, asked: PreviewTemplateDto): Promise<TemplatePreviewDto> {
    const template = compiled(key, asked);
    const contact = asked.user === undefined ? undefined : await this.userCalled(asked.user);
    const facts = contact && (await this.lastFactsOf(contact._id, key));
    if (contact) await this.audit.record(adminId, 'template.previewed_as_user', key, { userId: contact._id });
    const shown = { ...samplesOf(key, new Date()), ...facts };
    return {
      locale: asked.locale,
      ...rendered(asked, template, shown),
      user: contact ? userDto(contact, facts !== undefined) : null,
      faults: textFaults(key, asked.locale, asked.text),
    };
  }

  /** One mail with samples to the administrator's own address. Throws NoAddressForTestError, TemplateInvalidError. */
  async test(adminId: string, key: TemplateKey, { text, locale }: PreviewTemplateDto): Promise<TestResultDto> {
    const faults = textFaults(key, locale, text);
    if (faults.length > 0) throw new TemplateInvalidError(faults.map((fault) => ({ locale, ...fault })));
    const contact = await this.contacts.find(adminId);
    if (!contact?.email) throw new NoAddressForTestError();
    const standing = { contact, preferences: undefined, suppressed: false, lately: 0 };
    const template = new CompiledTemplate(text, locale, kindOf(key).variables);
    const outcome = await this.sender.send(testOf(key, adminId, this.sealedSamples(key)), standing, template);
    await this.audit.record(adminId, 'template.test_sent', key, { outcome: outcome.state });
    return { state: outcome.state, detail: 'response' in outcome ? outcome.response : outcome.reason };
  }

  private async userCalled(name: string): Promise<Contact> {
    const { contacts } = this;
    const contact = await (name.includes('@') ? contacts.findByEmail(name) : contacts.find(name.toLowerCase()));
    if (!contact || contact.deletedAt) throw new PreviewUserNotFoundError();
    return contact;
  }

  /** What the last message of this kind told the user; never its secret link. */
  private async lastFactsOf(userId: string, key: TemplateKey): Promise<Facts | undefined> {
    const kept = { userId, template: key, channel: 'email' as const, facts: { $exists: true } };
    const [last] = await this.deliveries.newestOf(kept, undefined, 1);
    const open = Object.entries(last?.facts ?? {}).filter(([name]) => kindOf(key).variables[name] !== 'sealedLink');
    return last && Object.fromEntries(open);
  }

  /** As events bring them: links sealed. */
  private sealedSamples(key: TemplateKey): Facts {
    const { variables } = kindOf(key);
    const entries = Object.entries(samplesOf(key, new Date())).map(([name, value]) => [
      name,
      variables[name] === 'sealedLink' && typeof value === 'string'
        ? sealSecret(value, this.config.EVENT_SECRETS_KEY)
        : value,
    ]);
    return Object.fromEntries(entries) as Facts;
  }
}

function compiled(key: TemplateKey, { text, locale }: PreviewTemplateDto): CompiledTemplate {
  try {
    return new CompiledTemplate(text, locale, kindOf(key).variables);
  } catch (error) {
    throw new TemplateInvalidError([{ locale, ...textFault('not_a_template', (error as Error).message) }]);
  }
}

function rendered({ locale }: PreviewTemplateDto, template: CompiledTemplate, facts: Facts) {
  try {
    return template.render(facts, { open: (link) => link });
  } catch (error) {
    throw new TemplateInvalidError([{ locale, ...textFault('not_a_template', (error as Error).message) }]);
  }
}

function userDto({ _id, email, locale }: Contact, lastMessage: boolean): PreviewUserDto {
  return { userId: _id, address: email ?? null, locale: localeFor(locale), lastMessage };
}

/** Its own key each time: a second test must not look like a repetition of the first to the mail program. */
function testOf(key: TemplateKey, userId: string, facts: Facts): Delivery {
  const now = new Date();
  return {
    _id: uuidv7(),
    messageKey: `template-test:${key}:${uuidv7()}`,
    userId,
    channel: 'email',
    class: kindOf(key).class,
    lane: 'standard',
    template: key,
    facts,
    state: 'pending',
    attempts: 1,
    nextAttemptAt: now,
    createdAt: now,
  };
}
