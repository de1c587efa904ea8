import { Injectable } from '@nestjs/common';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import type { CampaignDto } from './campaign.dto.js';
import { CampaignNotFoundError } from './campaign.errors.js';
import type { Campaign } from './campaign.schema.js';
import { CampaignsRepository } from './campaigns.repository.js';

/** Campaigns as the API shows them, with their progress counted from the deliveries. */
@Injectable()
export class CampaignView {
  constructor(
    private readonly campaigns: CampaignsRepository,
    private readonly deliveries: DeliveriesRepository,
  ) {}

  /** Throws CampaignNotFoundError. */
  async load(id: string): Promise<Campaign> {
    const campaign = await this.campaigns.find(id);
    if (!campaign) throw new CampaignNotFoundError();
    return campaign;
  }

  /** Throws CampaignNotFoundError. */
  async get(id: string): Promise<CampaignDto> {
    return this.show(await this.load(id));
  }

  async show(campaign: Campaign): Promise<CampaignDto> {
    const { _id, name, status, channels, audience, content, createdBy, createdAt, revision } = campaign;
    const { approvedBy, scheduledFor, startedAt, finishedAt } = campaign;
    const counts = await this.deliveries.countStates(_id);
    return {
      id: _id,
      name,
      status,
      channels,
      audience,
      content,
      createdBy,
      revision,
      approvedBy: approvedBy ?? null,
      createdAt: createdAt.toISOString(),
      scheduledFor: scheduledFor?.toISOString() ?? null,
      startedAt: startedAt?.toISOString() ?? null,
      finishedAt: finishedAt?.toISOString() ?? null,
      progress: { total: counts.pending + counts.sent + counts.failed + counts.skipped, ...counts },
    };
  }
}
