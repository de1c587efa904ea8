import { Injectable } from '@nestjs/common';
import { MailRequestsRepository } from './mail-requests.repository.js';
import { OneTimeTokensRepository } from './one-time-tokens.repository.js';

/** Changes of address that were asked for and not confirmed. */
@Injectable()
export class EmailChangeRequests {
  constructor(
    private readonly requests: MailRequestsRepository,
    private readonly tokens: OneTimeTokensRepository,
  ) {}

  /**
   * Takes back a change of address that a user's session has asked for, whether its mail was sent or not: when sessions are ended, one
   * of them may have been a thief's. Runs in the caller's transaction.
   */
  async withdraw(userId: string): Promise<void> {
    await this.requests.deleteEmailChange(userId);
    await this.tokens.delete(userId, 'change_email');
  }
}
