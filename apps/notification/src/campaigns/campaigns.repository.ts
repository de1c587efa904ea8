import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { Campaign, type CampaignStatus } from './campaign.schema.js';

/** The only place that reads and writes campaigns. */
@Injectable()
export class CampaignsRepository {
  constructor(@InjectModel(Campaign.name) private readonly campaigns: Model<Campaign>) {}

  async insert(campaign: Campaign): Promise<void> {
    await this.campaigns.create(campaign);
  }

  async find(id: string): Promise<Campaign | undefined> {
    return (await this.campaigns.findById(id).lean()) ?? undefined;
  }

  /** Newest first. */
  page(limit: number, beforeId?: string): Promise<Campaign[]> {
    return this.campaigns
      .find(beforeId ? { _id: { $lt: beforeId } } : {})
      .sort({ _id: -1 })
      .limit(limit)
      .lean();
  }

  async running(): Promise<string[]> {
    const found = await this.campaigns.find({ status: 'running' }, { _id: 1 }).lean();
    return found.map(({ _id }) => _id);
  }

  /** Changes the status if it is still `from`; false when somebody else was quicker. */
  async move(id: string, from: CampaignStatus, to: CampaignStatus, also: Partial<Campaign> = {}): Promise<boolean> {
    const { modifiedCount } = await this.campaigns.updateOne(
      { _id: id, status: from },
      { $set: { status: to, ...also } },
    );
    return modifiedCount === 1;
  }

  /** Remembers how far the snapshot has come; never goes back, so two runners cannot undo each other. */
  async advanceSnapshot(id: string, cursor: string, done: boolean): Promise<void> {
    await this.campaigns.updateOne(
      { _id: id, snapshotDone: false, snapshotCursor: { $lte: cursor } },
      { $set: { snapshotCursor: cursor, snapshotDone: done } },
    );
  }
}
