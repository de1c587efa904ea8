import { Injectable } from '@nestjs/common';
import type { Contact } from '../contacts/contact.schema.js';
import { ContactsRepository } from '../contacts/contacts.repository.js';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import type { Outcome } from '../deliveries/delivery.js';
import type { Delivery } from '../deliveries/delivery.schema.js';
import { OutcomeWriter } from '../deliveries/outcome-writer.js';
import { InboxRepository } from '../inbox/inbox.repository.js';
import type { Notification } from '../inbox/notification.schema.js';
import { MailSender } from '../mail/mail-sender.service.js';
import { RecipientsService } from '../recipients/recipients.service.js';
import { judge, type Standing } from '../recipients/standing.js';
import { audienceFilter } from './audience.js';
import type { CampaignTexts } from './campaign.js';
import type { Campaign } from './campaign.schema.js';

/** Mails that are being sent or whose outcome is not written yet: the most that one kill can double. */
const MAILS_IN_HAND = 32;

type Standings = Map<string, Standing>;

/** Sends what a runner has taken. */
@Injectable()
export class CampaignBatch {
  private readonly outcomes: OutcomeWriter;

  constructor(
    private readonly contacts: ContactsRepository,
    private readonly recipients: RecipientsService,
    private readonly inbox: InboxRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly sender: MailSender,
  ) {
    this.outcomes = new OutcomeWriter(deliveries);
  }

  /** Inbox messages go together, mails over the lane's connections. */
  async send(campaign: Campaign, all: Delivery[], texts: CampaignTexts): Promise<void> {
    const taken = await this.stillMeant(campaign, all);
    const standings = await this.recipients.standings(taken);
    const inbox = taken.filter(({ channel }) => channel === 'inbox');
    const mails = taken.filter(({ channel }) => channel === 'email');
    await Promise.all([this.fillInboxes(inbox, standings, texts), this.sendMails(mails, standings, texts)]);
  }

  /** Skips who has left the audience since the start: has renewed, say, and needs no reminder. */
  private async stillMeant({ audience }: Campaign, taken: Delivery[]): Promise<Delivery[]> {
    if (audience.type !== 'segment') return taken;
    const meant = await this.contacts.matching(
      taken.map(({ userId }) => userId),
      audienceFilter(audience, new Date()),
    );
    const outcome = { state: 'skipped' as const, reason: 'no_longer_meant' as const };
    const left = taken.filter(({ userId }) => !meant.has(userId));
    await this.deliveries.record(left.map((delivery) => ({ delivery, outcome })));
    return taken.filter(({ userId }) => meant.has(userId));
  }

  /** A mail keeps its place until its outcome is written, so a kill can only double those that have one. */
  private async sendMails(mails: Delivery[], standings: Standings, texts: CampaignTexts): Promise<void> {
    const left = mails.values();
    const place = async (): Promise<void> => {
      for (const delivery of left) {
        const standing = standings.get(delivery._id)!;
        delivery.facts = factsOf(standing.contact);
        const outcome = await this.sender.send(delivery, standing, texts.for(standing.contact?.locale));
        await this.outcomes.write(delivery, outcome);
      }
    };
    await Promise.all(Array.from({ length: MAILS_IN_HAND }, place));
  }

  private async fillInboxes(taken: Delivery[], standings: Standings, texts: CampaignTexts): Promise<void> {
    const messages: Notification[] = [];
    const outcomes = taken.map((delivery): { delivery: Delivery; outcome: Outcome } => {
      const standing = standings.get(delivery._id)!;
      const verdict = judge(delivery, standing, new Date());
      if (verdict.say === 'no') return { delivery, outcome: { state: 'skipped', reason: verdict.reason } };
      messages.push(notificationOf(delivery, standing.contact, texts));
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
