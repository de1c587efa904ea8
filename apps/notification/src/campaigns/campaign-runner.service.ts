import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import { BATCH_LEASE_MS } from '../deliveries/delivery.js';
import { MailTransport } from '../mail/mail-transport.js';
import type { Delivery } from '../deliveries/delivery.schema.js';
import { CampaignBatch } from './campaign-batch.service.js';
import { CampaignTexts } from './campaign.js';
import type { Campaign } from './campaign.schema.js';
import { CampaignSnapshot } from './campaign-snapshot.service.js';
import { CampaignsRepository } from './campaigns.repository.js';

const BATCH = 200;

/** Deliveries that belong to this runner for now. */
interface Batch {
  claim: string;
  taken: Delivery[];
  letGo: () => void;
}

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
    while (!this.stopping) {
      const campaign = await this.campaigns.find(id);
      if (campaign?.status === 'cancelled') return this.settleCancelled(campaign);
      if (campaign?.status !== 'running') return;
      if (campaign.snapshotDone) return this.sendAll(campaign);
      await this.snapshot.advance(campaign);
    }
  }

  /** Sends batch after batch; the next one is taken while one is being sent. */
  private async sendAll(campaign: Campaign): Promise<void> {
    const texts = new CampaignTexts(campaign.content);
    let next = this.takeBatch(campaign._id);
    try {
      for (let batch = await next; batch; batch = await next) {
        if (!(await this.goesOn(campaign._id))) break;
        next = this.takeBatch(campaign._id);
        // It may fail before anybody waits for it; whoever does learns of it then.
        next.catch(() => undefined);
        await this.batch.send(campaign, batch.taken, texts).finally(batch.letGo);
      }
    } finally {
      await next.then((batch) => batch && this.giveBack(batch)).catch(() => undefined);
    }
    const now = await this.campaigns.find(campaign._id);
    if (now?.status === 'cancelled') return this.settleCancelled(now);
    if (now?.status === 'running') return this.finish(now);
  }

  /** False once the campaign was paused or cancelled, the service stops, or the mail server is left in peace. */
  private async goesOn(id: string): Promise<boolean> {
    if (this.stopping || this.transport.rests('bulk')) return false;
    return (await this.campaigns.find(id))?.status === 'running';
  }

  /** Due deliveries, held until `letGo`; undefined when there are none. */
  private async takeBatch(id: string): Promise<Batch | undefined> {
    const { claim, taken } = await this.deliveries.takeOfCampaign(id, BATCH);
    if (taken.length === 0) return undefined;
    const ids = taken.map(({ _id }) => _id);
    const renewal = setInterval(
      () => void this.deliveries.renew(claim, ids).catch(() => undefined),
      BATCH_LEASE_MS / 4,
    );
    return { claim, taken, letGo: () => clearInterval(renewal) };
  }

  private async giveBack({ claim, taken, letGo }: Batch): Promise<void> {
    letGo();
    const ids = taken.map(({ _id }) => _id);
    await this.deliveries.giveBack(claim, ids);
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
