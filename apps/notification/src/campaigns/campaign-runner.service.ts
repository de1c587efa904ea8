import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import { BATCH_LEASE_MS } from '../deliveries/delivery.js';
import { MailTransport } from '../mail/mail-transport.js';
import { CampaignBatch } from './campaign-batch.service.js';
import { CampaignTexts } from './campaign.js';
import type { Campaign } from './campaign.schema.js';
import { CampaignSnapshot } from './campaign-snapshot.service.js';
import { CampaignsRepository } from './campaigns.repository.js';

const BATCH = 400;

/** Takes a running campaign as far as it goes right now. */
@Injectable()
export class CampaignRunner implements OnApplicationShutdown {
  private stopping = false;
  private readonly atWork = new Map<string, Promise<void>>();

  constructor(
    private readonly campaigns: CampaignsRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly snapshot: CampaignSnapshot,
    private readonly batch: CampaignBatch,
    private readonly transport: MailTransport,
  ) {}

  /** Ends when the campaign is finished, stopped, or only deliveries are left that are due later; safe to call at any time. */
  run(id: string): Promise<void> {
    const run = this.atWork.get(id) ?? this.advance(id).finally(() => this.atWork.delete(id));
    this.atWork.set(id, run);
    return run;
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    await Promise.allSettled(this.atWork.values());
  }

  private async advance(id: string): Promise<void> {
    let texts: CampaignTexts | undefined;
    while (!this.stopping) {
      const campaign = await this.campaigns.find(id);
      if (campaign?.status === 'cancelled') return this.settleCancelled(campaign);
      if (campaign?.status !== 'running') return;
      if (!campaign.snapshotDone) await this.snapshot.advance(campaign);
      else {
        texts ??= new CampaignTexts(campaign.content);
        if (!(await this.sendBatch(campaign, texts))) return this.finish(campaign);
      }
    }
  }

  /** False when nothing is due, or the mail server is left in peace. */
  private async sendBatch(campaign: Campaign, texts: CampaignTexts): Promise<boolean> {
    if (this.transport.rests('bulk')) return false;
    const { claim, taken } = await this.deliveries.takeOfCampaign(campaign._id, BATCH);
    if (taken.length === 0) return false;
    const ids = taken.map(({ _id }) => _id);
    const renewal = setInterval(
      () => void this.deliveries.renew(claim, ids).catch(() => undefined),
      BATCH_LEASE_MS / 4,
    );
    try {
      await this.batch.send(campaign, taken, texts);
    } finally {
      clearInterval(renewal);
    }
    return true;
  }

  private async finish({ _id }: Campaign): Promise<void> {
    const { pending, failed } = await this.deliveries.countStates(_id);
    if (pending > 0) return;
    await this.campaigns.finish(_id, 'running', failed > 0 ? 'partly_failed' : 'done', new Date());
  }

  private async settleCancelled({ _id }: Campaign): Promise<void> {
    await this.deliveries.cancelDue(_id);
    const { pending } = await this.deliveries.countStates(_id);
    if (pending === 0) await this.campaigns.finish(_id, 'cancelled', 'cancelled', new Date());
  }
}
