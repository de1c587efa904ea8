import { OnQueueError, Process, Processor } from '@nestjs/bull';
import { Logger } from '@nestjs/common';
import type { Job } from 'bull';
import { MAIL_QUEUES, type MailJob } from './mail-lanes.service.js';
import { LANE_CONNECTIONS } from './mail-transport.js';
import { MailsService } from './mails.service.js';

const logger = new Logger('Mails');

/** Sends security mails. */
@Processor(MAIL_QUEUES.security)
export class SecurityMailProcessor {
  constructor(private readonly mails: MailsService) {}

  @Process({ name: 'run', concurrency: LANE_CONNECTIONS.security })
  async send({ data }: Job<MailJob>): Promise<void> {
    await this.mails.deliver(data.deliveryId, 'security');
  }

  @OnQueueError()
  onError(error: Error): void {
    logger.warn(`Redis: ${error.message}`);
  }
}

/** Sends receipts and all other single mails. */
@Processor(MAIL_QUEUES.standard)
export class StandardMailProcessor {
  constructor(private readonly mails: MailsService) {}

  @Process({ name: 'run', concurrency: LANE_CONNECTIONS.standard })
  async send({ data }: Job<MailJob>): Promise<void> {
    await this.mails.deliver(data.deliveryId, 'standard');
  }

  @OnQueueError()
  onError(error: Error): void {
    logger.warn(`Redis: ${error.message}`);
  }
}
