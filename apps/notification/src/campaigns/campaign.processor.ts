import { OnQueueError, Process, Processor } from '@nestjs/bull';
import { Logger } from '@nestjs/common';
import type { Job } from 'bull';
import { CampaignRunner } from './campaign-runner.service.js';
import { CAMPAIGN_QUEUE, type CampaignJob } from './campaign-waker.service.js';

const logger = new Logger('Campaigns');

/** Runs campaigns, two at a time. */
@Processor(CAMPAIGN_QUEUE)
export class CampaignProcessor {
  constructor(private readonly runner: CampaignRunner) {}

  @Process({ name: 'run', concurrency: 2 })
  async run({ data }: Job<CampaignJob>): Promise<void> {
    await this.runner.run(data.campaignId);
  }

  @OnQueueError()
  onError(error: Error): void {
    logger.warn(`Redis: ${error.message}`);
  }
}
