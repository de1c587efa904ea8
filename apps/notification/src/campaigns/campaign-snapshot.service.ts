import { Injectable } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import { ContactsRepository } from '../contacts/contacts.repository.js';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import type { Delivery } from '../deliveries/delivery.schema.js';
import { audienceFilter } from './audience.js';
import type { Campaign } from './campaign.schema.js';
import { CampaignsRepository } from './campaigns.repository.js';

const BATCH = 500;

/** Writes down who gets a campaign: one delivery per recipient and channel. */
@Injectable()
export class CampaignSnapshot {
  constructor(
    private readonly contacts: ContactsRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly campaigns: CampaignsRepository,
  ) {}

  /** One batch further. The place is remembered after the deliveries are written: a kill between repeats them, to no effect. */
  async advance(campaign: Campaign): Promise<void> {
    const filter = audienceFilter(campaign.audience, campaign.startedAt!);
    const contacts = await this.contacts.page(filter, campaign.snapshotCursor, BATCH);
    await this.deliveries.insert(contacts.flatMap(({ _id }) => deliveriesFor(campaign, _id)));
    await this.campaigns.advanceSnapshot(
      campaign._id,
      contacts.at(-1)?._id ?? campaign.snapshotCursor,
      contacts.length < BATCH,
    );
  }
}

function deliveriesFor({ _id, channels }: Campaign, userId: string): Delivery[] {
  const now = new Date();
  return channels.map((channel) => ({
    _id: uuidv7(),
    messageKey: `campaign:${_id}`,
    userId,
    channel,
    class: 'marketing' as const,
    lane: 'bulk' as const,
    campaignId: _id,
    state: 'pending' as const,
    attempts: 0,
    nextAttemptAt: now,
    createdAt: now,
  }));
}
