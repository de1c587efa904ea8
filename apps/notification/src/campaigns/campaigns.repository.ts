import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { ignoringDuplicates } from '#libs/database';
import { Campaign, type CampaignStatus } from './campaign.schema.js';

/** What goes with a change of the status. */
export interface Move {
  set?: Partial<Campaign>;
  unset?: (keyof Campaign)[];
  /** The decision was about this revision: it holds for no other. */
  revision?: number;
}

/** The only place that reads and writes campaigns. */
@Injectable()
export class CampaignsRepository {
  constructor(@InjectModel(Campaign.name) private readonly campaigns: Model<Campaign>) {}

  /** Returns the campaign as it is stored: with a request key that was used before, the earlier one. */
  async insert(campaign: Campaign): Promise<Campaign> {
    await ignoringDuplicates(() => this.campaigns.create(campaign));
    const { createdBy, requestKey, _id } = campaign;
    return (await this.campaigns.findOne(requestKey ? { createdBy, requestKey } : { _id }).lean())!;
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

  /** Campaigns somebody has to work on. */
  async unfinished(): Promise<string[]> {
    const found = await this.campaigns
      .find({ status: { $in: ['running', 'cancelled'] }, finishedAt: { $exists: false } }, { _id: 1 })
      .lean();
    return found.map(({ _id }) => _id);
  }

  /** Scheduled campaigns whose time has come. */
  due(now: Date): Promise<Campaign[]> {
    return this.campaigns.find({ status: 'scheduled', scheduledFor: { $lte: now } }).lean();
  }

  /** True when a campaign to everybody was started since then. */
  async startedToAllSince(since: Date): Promise<boolean> {
    return (await this.campaigns.exists({ startedAt: { $gte: since }, 'audience.type': 'all' })) !== null;
  }

  /** Changes what a draft says, which takes its approval away; false when it is no draft any more. */
  async rewrite(id: string, by: string, set: Partial<Campaign>): Promise<boolean> {
    const { matchedCount } = await this.campaigns.updateOne(
      { _id: id, status: 'draft' },
      { $set: set, $unset: { approvedBy: '' }, $inc: { revision: 1 }, $addToSet: { writtenBy: by } },
    );
    return matchedCount === 1;
  }

  /** Changes the status if it is still one of `from` and the revision the one given; false when somebody else was quicker. */
  async move(
    id: string,
    from: CampaignStatus[],
    to: CampaignStatus,
    { set = {}, unset = [], revision }: Move = {},
  ): Promise<boolean> {
    const { matchedCount } = await this.campaigns.updateOne(
      { _id: id, status: { $in: from }, ...(revision !== undefined && { revision }) },
      { $set: { status: to, ...set }, $unset: Object.fromEntries(unset.map((field) => [field, ''])) },
    );
    return matchedCount === 1;
  }

  /** Nothing is left to do. */
  async finish(id: string, status: CampaignStatus, as: CampaignStatus, at: Date): Promise<void> {
    await this.campaigns.updateOne(
      { _id: id, status, finishedAt: { $exists: false } },
      { $set: { status: as, finishedAt: at } },
    );
  }

  /** Remembers how far the snapshot has come; never goes back, so two runners cannot undo each other. */
  async advanceSnapshot(id: string, cursor: string, done: boolean): Promise<void> {
    await this.campaigns.updateOne(
      { _id: id, snapshotDone: false, snapshotCursor: { $lte: cursor } },
      { $set: { snapshotCursor: cursor, snapshotDone: done } },
    );
  }
}
