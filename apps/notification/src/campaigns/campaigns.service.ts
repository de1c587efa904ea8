import { Injectable } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import { cursorAfter, idOf } from '../lists/cursor.js';
import type { ListQueryDto } from '../lists/list.dto.js';
import { CampaignTexts } from './campaign.js';
import type {
  CampaignContentDto,
  CampaignDto,
  CampaignListDto,
  CreateCampaignDto,
  PreviewListDto,
} from './campaign.dto.js';
import { CampaignNotFoundError, CampaignStateError } from './campaign.errors.js';
import type { Campaign } from './campaign.schema.js';
import { CampaignsRepository } from './campaigns.repository.js';
import { CampaignWaker } from './campaign-waker.service.js';

/** What administrators do with campaigns. */
@Injectable()
export class CampaignsService {
  constructor(
    private readonly campaigns: CampaignsRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly waker: CampaignWaker,
  ) {}

  /** A draft. Throws CampaignContentError when a text cannot be used. */
  async create(userId: string, { name, channels, audience, content }: CreateCampaignDto): Promise<CampaignDto> {
    const texts = JSON.parse(JSON.stringify(content)) as Campaign['content'];
    void new CampaignTexts(texts);
    const campaign: Campaign = {
      _id: uuidv7(),
      name,
      channels,
      audience: { type: audience.type },
      content: texts,
      status: 'draft',
      createdBy: userId,
      createdAt: new Date(),
      snapshotCursor: '',
      snapshotDone: false,
    };
    await this.campaigns.insert(campaign);
    return this.toDto(campaign);
  }

  /** What the texts look like to a reader. Throws CampaignContentError when a text cannot be used. */
  preview(content: CampaignContentDto): PreviewListDto {
    const texts = new CampaignTexts(content as Campaign['content']);
    const sample = { email: 'reader@example.com' };
    const items = texts.locales().map((locale) => ({ locale, ...texts.for(locale).render(sample) }));
    return { items };
  }

  async list({ limit, cursor }: ListQueryDto): Promise<CampaignListDto> {
    const found = await this.campaigns.page(limit + 1, idOf(cursor));
    const items = await Promise.all(found.slice(0, limit).map((campaign) => this.toDto(campaign)));
    return { items, nextCursor: found.length > limit ? cursorAfter(items.at(-1)!.id) : null };
  }

  /** Throws CampaignNotFoundError. */
  async get(id: string): Promise<CampaignDto> {
    return this.toDto(await this.load(id));
  }

  /** Sends a draft to everybody who is in its audience now. Throws CampaignStateError when it was started before. */
  async start(userId: string, id: string): Promise<CampaignDto> {
    const campaign = await this.load(id);
    const started = { startedBy: userId, startedAt: new Date() };
    if (!(await this.campaigns.move(id, 'draft', 'running', started))) throw new CampaignStateError(campaign.status);
    await this.waker.wake(id);
    return this.get(id);
  }

  private async load(id: string): Promise<Campaign> {
    const campaign = await this.campaigns.find(id);
    if (!campaign) throw new CampaignNotFoundError();
    return campaign;
  }

  private async toDto(campaign: Campaign): Promise<CampaignDto> {
    const { _id, name, status, channels, audience, content, createdAt, startedAt, finishedAt } = campaign;
    const counts = await this.deliveries.countStates(_id);
    const total = counts.pending + counts.sent + counts.failed + counts.skipped;
    return {
      id: _id,
      name,
      status,
      channels,
      audience,
      content,
      createdAt: createdAt.toISOString(),
      startedAt: startedAt?.toISOString() ?? null,
      finishedAt: finishedAt?.toISOString() ?? null,
      progress: { total, ...counts },
    };
  }
}
