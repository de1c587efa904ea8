import { Injectable } from '@nestjs/common';
import { ContactsRepository } from '../contacts/contacts.repository.js';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import { audienceFilter } from './audience.js';
import type { CampaignDto } from './campaign.dto.js';
import {
  ApprovalNeededError,
  AudienceEmptyError,
  CampaignStateError,
  ConfirmationNeededError,
  OwnApprovalError,
  StartInPastError,
} from './campaign.errors.js';
import type { Campaign, CampaignStatus } from './campaign.schema.js';
import { CampaignView } from './campaign-view.service.js';
import { CampaignWaker } from './campaign-waker.service.js';
import { CampaignsRepository } from './campaigns.repository.js';

/** So many recipients and more need a second administrator. */
export const APPROVAL_FROM = 5_000;

/** How long after a campaign to everybody the next one must be confirmed; milliseconds. */
const CONFIRM_WITHIN_MS = 60_000;

/** Starting and stopping campaigns. Every change is conditional: of two at once, one gets CampaignStateError. */
@Injectable()
export class CampaignLifecycle {
  constructor(
    private readonly campaigns: CampaignsRepository,
    private readonly contacts: ContactsRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly view: CampaignView,
    private readonly waker: CampaignWaker,
  ) {}

  /**
   * Sends a draft to everybody who is in its audience now. Throws AudienceEmptyError, ApprovalNeededError, and
   * ConfirmationNeededError when everybody was written to a moment ago.
   */
  async start(userId: string, id: string, confirmed: boolean): Promise<CampaignDto> {
    const campaign = await this.view.load(id);
    if (campaign.status !== 'draft') throw new CampaignStateError(campaign.status);
    await this.checkAudience(campaign);
    const again = campaign.audience.type === 'all' && !confirmed;
    if (again && (await this.campaigns.startedToAllSince(new Date(Date.now() - CONFIRM_WITHIN_MS)))) {
      throw new ConfirmationNeededError();
    }
    return this.move(id, ['draft'], 'running', { startedBy: userId, startedAt: new Date() });
  }

  /** Lets a draft start by itself. Throws StartInPastError, AudienceEmptyError, ApprovalNeededError. */
  async schedule(userId: string, id: string, startAt: Date): Promise<CampaignDto> {
    if (startAt.getTime() <= Date.now()) throw new StartInPastError();
    await this.checkAudience(await this.view.load(id));
    return this.move(id, ['draft'], 'scheduled', { scheduledFor: startAt, startedBy: userId });
  }

  /** The second administrator's yes. Throws OwnApprovalError for the author. */
  async approve(userId: string, id: string): Promise<CampaignDto> {
    const campaign = await this.view.load(id);
    if (campaign.createdBy === userId) throw new OwnApprovalError();
    return this.move(id, ['draft'], 'draft', { approvedBy: userId });
  }

  /** What is on its way goes out; nothing more is taken up. */
  pause(id: string): Promise<CampaignDto> {
    return this.move(id, ['running'], 'paused');
  }

  resume(id: string): Promise<CampaignDto> {
    return this.move(id, ['paused'], 'running');
  }

  /** What has not been sent yet is skipped. A scheduled campaign becomes a draft again by being cancelled before its start. */
  async cancel(id: string): Promise<CampaignDto> {
    const { status } = await this.view.load(id);
    if (status === 'scheduled') return this.move(id, ['scheduled'], 'draft', {}, ['scheduledFor', 'startedBy']);
    return this.move(id, ['running', 'paused'], 'cancelled');
  }

  /** Sends again what failed, and nothing else. */
  async retryFailed(id: string): Promise<CampaignDto> {
    const campaign = await this.view.load(id);
    if (campaign.status !== 'partly_failed') throw new CampaignStateError(campaign.status);
    await this.deliveries.reviveFailed({ campaignId: id });
    return this.move(id, ['partly_failed'], 'running', {}, ['finishedAt']);
  }

  private async move(
    id: string,
    from: CampaignStatus[],
    to: CampaignStatus,
    set: Partial<Campaign> = {},
    unset: (keyof Campaign)[] = [],
  ): Promise<CampaignDto> {
    const { status } = await this.view.load(id);
    if (!(await this.campaigns.move(id, from, to, set, unset))) throw new CampaignStateError(status);
    if (to === 'running' || to === 'cancelled') await this.waker.wake(id);
    return this.view.get(id);
  }

  private async checkAudience({ audience, approvedBy }: Campaign): Promise<void> {
    const recipients = await this.contacts.count(audienceFilter(audience, new Date()));
    if (recipients === 0) throw new AudienceEmptyError();
    if (recipients >= APPROVAL_FROM && !approvedBy) throw new ApprovalNeededError(recipients);
  }
}
