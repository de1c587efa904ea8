import { Injectable } from '@nestjs/common';
import { type Locale, uuidv7 } from '#libs/contracts';
import { ContactsRepository } from '../contacts/contacts.repository.js';
import type { Delivery } from '../deliveries/delivery.schema.js';
import { MailSender } from '../mail/mail-sender.service.js';
import type { TestResultDto } from '../mail/test-result.dto.js';
import { CampaignTexts } from './campaign.js';
import { NoAddressForTestError } from './campaign.errors.js';
import { CampaignView } from './campaign-view.service.js';

/** Shows a campaign to its author as a real mail. */
@Injectable()
export class CampaignTest {
  constructor(
    private readonly contacts: ContactsRepository,
    private readonly sender: MailSender,
    private readonly view: CampaignView,
  ) {}

  /** Sends one mail to the user's own address at once; nothing is kept. Throws NoAddressForTestError. */
  async send(userId: string, id: string, locale: Locale): Promise<TestResultDto> {
    const { content } = await this.view.load(id);
    const contact = await this.contacts.find(userId);
    if (!contact?.email) throw new NoAddressForTestError();
    const standing = { contact, preferences: undefined, suppressed: false, lately: 0 };
    const outcome = await this.sender.send(
      testOf(id, userId, contact.email),
      standing,
      new CampaignTexts(content).for(locale),
    );
    return { state: outcome.state, detail: 'response' in outcome ? outcome.response : outcome.reason };
  }
}

/** Its own key each time: a second test must not look like a repetition of the first to the mail program. */
function testOf(id: string, userId: string, email: string): Delivery {
  const now = new Date();
  return {
    _id: uuidv7(),
    messageKey: `campaign-test:${id}:${uuidv7()}`,
    userId,
    channel: 'email',
    class: 'marketing',
    lane: 'standard',
    facts: { email },
    state: 'pending',
    attempts: 1,
    nextAttemptAt: now,
    createdAt: now,
  };
}
