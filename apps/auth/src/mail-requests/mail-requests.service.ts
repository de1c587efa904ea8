import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { type MailRequest, MailRequestsRepository } from './mail-requests.repository.js';
import { MailWorker } from './mail-worker.service.js';

@Injectable()
export class MailRequestsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly requests: MailRequestsRepository,
    private readonly worker: MailWorker,
  ) {}

  /** Writes down that somebody asked for a mail; the worker looks at it once the transaction has committed. */
  async ask(request: MailRequest): Promise<void> {
    await this.requests.insert(request);
    this.unitOfWork.afterCommit(() => this.worker.wake());
  }
}
