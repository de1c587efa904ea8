import { InjectQueue } from '@nestjs/bull';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Queue } from 'bull';
import { addJob } from '../mail/bull.js';
import { CampaignRunner } from './campaign-runner.service.js';
import { CampaignsRepository } from './campaigns.repository.js';

/** Bull queue of running campaigns. */
export const CAMPAIGN_QUEUE = 'notification.campaigns';

/** What a job carries. */
export interface CampaignJob {
  campaignId: string;
}

const SWEEP_EVERY_MS = 5_000;

/** Sees to it that every campaign starts in time and has a runner: through Bull, or right here while Redis is away. */
@Injectable()
export class CampaignWaker implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(CampaignWaker.name);
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;

  constructor(
    @InjectQueue(CAMPAIGN_QUEUE) private readonly queue: Queue<CampaignJob>,
    private readonly campaigns: CampaignsRepository,
    private readonly runner: CampaignRunner,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setTimeout(() => this.sweepAndGoOn(), SWEEP_EVERY_MS);
  }

  onApplicationShutdown(): void {
    this.stopping = true;
    clearTimeout(this.timer);
  }

  /** The job's id is the campaign's: however often it is woken, one runner works on it. */
  async wake(campaignId: string): Promise<void> {
    if (await addJob(this.queue, { campaignId }, campaignId)) return;
    void this.runner.run(campaignId).catch((error: unknown) => this.warn(error));
  }

  /** Starts what is scheduled for now and wakes everything that is not finished. */
  async sweep(now: Date = new Date()): Promise<void> {
    for (const { _id } of await this.campaigns.due(now)) {
      await this.campaigns.move(_id, ['scheduled'], 'running', { set: { startedAt: now } });
    }
    for (const id of await this.campaigns.unfinished()) await this.wake(id);
  }

  private sweepAndGoOn(): void {
    void this.sweep()
      .catch((error: unknown) => this.warn(error))
      .finally(() => {
        if (!this.stopping) this.timer = setTimeout(() => this.sweepAndGoOn(), SWEEP_EVERY_MS);
      });
  }

  private warn(error: unknown): void {
    this.logger.warn(`Campaigns: ${(error as Error).message}`);
  }
}
