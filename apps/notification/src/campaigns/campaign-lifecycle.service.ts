import { Injectable } from '@nestjs/common';
import { ContactsRepository } from '../contacts/contacts.repository.js';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import { audienceFilter } from './audience.js';
import type { CampaignDto } from './campaign.dto.js';
import {
  ApprovalNeededError,
  AudienceEmptyError,
  CampaignChangedError,
  CampaignStateError,
  ConfirmationNeededError,
  OwnApprovalError,
  StartInPastError,
} from './campaign.errors.js';
import type { Campaign, CampaignStatus } from './campaign.schema.js';
import { CampaignView } from './campaign-view.service.js';
import { CampaignWaker } from './campaign-waker.service.js';
import { CampaignsRepository, type Move } from './campaigns.repository.js';

/** So many recipients and more need a second administrator. */
export const APPROVAL_FROM = 5_000;

/** How long after a campaign to everybody the next one must be confirmed; milliseconds. */
const CONFIRM_WITHIN_MS = 60_000;

/**
 * Starting and stopping campaigns. Every change is conditional: of two at once, one gets CampaignStateError, and a decision about a
 * draft that was rewritten meanwhile gets CampaignChangedError.
 */
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
    const set = { startedBy: userId, startedAt: new Date() };
    return this.move(id, ['draft'], 'running', { set, revision: campaign.revision });
  }

  /** Lets a draft start by itself. Throws StartInPastError, AudienceEmptyError, ApprovalNeededError. */
  async schedule(userId: string, id: string, startAt: Date): Promise<CampaignDto> {
    if (startAt.getTime() <= Date.now()) throw new StartInPastError();
    const campaign = await this.view.load(id);
    await this.checkAudience(campaign);
    const set = { scheduledFor: startAt, startedBy: userId };
    return this.move(id, ['draft'], 'scheduled', { set, revision: campaign.revision });
  }

  /** The second administrator's yes to a revision, the newest by default. Throws OwnApprovalError for whoever has written any of it. */
  async approve(userId: string, id: string, seen?: number): Promise<CampaignDto> {
    const { writtenBy, revision } = await this.view.load(id);
    if (writtenBy.includes(userId)) throw new OwnApprovalError();
    return this.move(id, ['draft'], 'draft', { set: { approvedBy: userId }, revision: seen ?? revision });
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
    if (status === 'scheduled') return this.move(id, ['scheduled'], 'draft', { unset: ['scheduledFor', 'startedBy'] });
    return this.move(id, ['running', 'paused'], 'cancelled');
  }

  /** Sends again what failed, and nothing else. */
  async retryFailed(id: string): Promise<CampaignDto> {
    const campaign = await this.view.load(id);
    if (campaign.status !== 'partly_failed') throw new CampaignStateError(campaign.status);
    await this.deliveries.reviveFailed({ campaignId: id });
    return this.move(id, ['partly_failed'], 'running', { unset: ['finishedAt'] });
  }

  private async move(id: string, from: CampaignStatus[], to: CampaignStatus, how: Move = {}): Promise<CampaignDto> {
    if (!(await this.campaigns.move(id, from, to, how))) {
      const { status, revision } = await this.view.load(id);
      if (from.includes(status) && how.revision !== undefined && how.revision !== revision)
        throw new CampaignChangedError();
      throw new CampaignStateError(status);
    }
    if (to === 'running' || to === 'cancelled') await this.waker.wake(id);
    return this.view.get(id);
  }

  private async checkAudience({ audience, approvedBy }: Campaign): Promise<void> {
    const recipients = await this.contacts.count(audienceFilter(audience, new Date()));
    if (recipients === 0) throw new AudienceEmptyError();
    if (recipients >= APPROVAL_FROM && !approvedBy) throw new ApprovalNeededError(recipients);
  }
}
