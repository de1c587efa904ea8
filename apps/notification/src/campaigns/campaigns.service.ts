import { Injectable } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import { ContactsRepository } from '../contacts/contacts.repository.js';
import { cursorAfter, idOf } from '../lists/cursor.js';
import type { ListQueryDto } from '../lists/list.dto.js';
import { type Audience, audienceFilter } from './audience.js';
import { CampaignTexts } from './campaign.js';
import type {
  AudienceSizeDto,
  CampaignContentDto,
  CampaignDto,
  CampaignListDto,
  CreateCampaignDto,
  PreviewListDto,
} from './campaign.dto.js';
import { CampaignStateError } from './campaign.errors.js';
import type { Campaign } from './campaign.schema.js';
import { CampaignView } from './campaign-view.service.js';
import { APPROVAL_FROM } from './campaign-lifecycle.service.js';
import { CampaignsRepository } from './campaigns.repository.js';

/** Writing campaigns and looking at them. */
@Injectable()
export class CampaignsService {
  constructor(
    private readonly campaigns: CampaignsRepository,
    private readonly contacts: ContactsRepository,
    private readonly view: CampaignView,
  ) {}

  /**
   * A draft. With a request key that this user has used before, the draft it made then. Throws CampaignContentError when a
   * text cannot be used.
   */
  async create(userId: string, body: CreateCampaignDto, requestKey?: string): Promise<CampaignDto> {
    const campaign: Campaign = {
      _id: uuidv7(),
      ...written(body),
      status: 'draft',
      createdBy: userId,
      createdAt: new Date(),
      writtenBy: [userId],
      revision: 1,
      ...(requestKey && { requestKey }),
      snapshotCursor: '',
      snapshotDone: false,
    };
    return this.view.show(await this.campaigns.insert(campaign));
  }

  /** Changes a draft; an approval it had is gone. Throws CampaignStateError once it was started. */
  async update(userId: string, id: string, body: CreateCampaignDto): Promise<CampaignDto> {
    const { status } = await this.view.load(id);
    if (!(await this.campaigns.rewrite(id, userId, written(body)))) throw new CampaignStateError(status);
    return this.view.get(id);
  }

  /** What the texts look like to a reader. Throws CampaignContentError when a text cannot be used. */
  preview(content: CampaignContentDto): PreviewListDto {
    const texts = new CampaignTexts(content as Campaign['content']);
    const sample = { email: 'reader@example.com' };
    return { items: texts.locales().map((locale) => ({ locale, ...texts.for(locale).render(sample) })) };
  }

  /** How many users an audience means right now. */
  async count(audience: Audience): Promise<AudienceSizeDto> {
    const recipients = await this.contacts.count(audienceFilter(audience, new Date()));
    return { recipients, approvalFrom: APPROVAL_FROM };
  }

  async list({ limit, cursor }: ListQueryDto): Promise<CampaignListDto> {
    const found = await this.campaigns.page(limit + 1, idOf(cursor));
    const items = await Promise.all(found.slice(0, limit).map((campaign) => this.view.show(campaign)));
    return { items, nextCursor: found.length > limit ? cursorAfter(items.at(-1)!.id) : null };
  }
}

/** What the author wrote, as plain values. Throws CampaignContentError when a text cannot be used. */
function written({ name, channels, audience, content }: CreateCampaignDto) {
  const plain = JSON.parse(JSON.stringify({ audience, content })) as Pick<Campaign, 'audience' | 'content'>;
  void new CampaignTexts(plain.content);
  return { name, channels, ...plain };
}
