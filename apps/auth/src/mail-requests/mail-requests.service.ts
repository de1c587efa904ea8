import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { type MailRequest, MailRequestsRepository } from './mail-requests.repository.js';
import { MailWorker } from './mail-worker.service.js';
import { OneTimeTokensRepository } from './one-time-tokens.repository.js';

@Injectable()
export class MailRequestsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly requests: MailRequestsRepository,
    private readonly tokens: OneTimeTokensRepository,
    private readonly worker: MailWorker,
  ) {}

  /** Writes down that somebody asked for a mail; the worker looks at it once the transaction has committed. */
  async ask(request: MailRequest): Promise<void> {
    await this.requests.insert(request);
    this.unitOfWork.afterCommit(() => this.worker.wake());
  }

  /**
   * Takes back a change of address that a user's session has asked for, whether its mail was sent or not: when sessions are ended, one
   * of them may have been a thief's.
   */
  async withdrawEmailChange(userId: string): Promise<void> {
    await this.requests.deleteEmailChange(userId);
    await this.tokens.delete(userId, 'change_email');
  }
}
