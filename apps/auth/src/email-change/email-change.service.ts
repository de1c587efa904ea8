import { Injectable } from '@nestjs/common';
import { UnitOfWork, violatedConstraint } from '#libs/database';
import { MailRequestsService } from '../mail-requests/mail-requests.service.js';
import { hashOneTimeToken } from '../mail-requests/one-time-token.js';
import { OneTimeTokensRepository } from '../mail-requests/one-time-tokens.repository.js';
import { LinkInvalidError } from '../registration/registration.errors.js';
import { StepUpService } from '../sessions/step-up.service.js';
import { isBlocked } from '../users/user.js';
import { UsersRepository } from '../users/users.repository.js';
import { EmailMoveService } from './email-move.service.js';
import { EmailUndoService } from './email-undo.service.js';

@Injectable()
export class EmailChangeService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly stepUp: StepUpService,
    private readonly users: UsersRepository,
    private readonly mailRequests: MailRequestsService,
    private readonly tokens: OneTimeTokensRepository,
    private readonly mover: EmailMoveService,
    private readonly undo: EmailUndoService,
  ) {}

  /** Asks for a link to the new address; nothing tells whether it has an account. Throws StepUpRequiredError. */
  async request(userId: string, sessionId: string, email: string): Promise<void> {
    await this.stepUp.assertFresh(sessionId);
    await this.unitOfWork.run(async () => {
      const user = await this.users.lock(userId);
      if (!user) return;
      const { locale, tokenEpoch } = user;
      await this.mailRequests.ask({ purpose: 'email_change', email, locale, userId, tokenEpoch });
    });
  }

  /** Moves the user to the address a link was sent to. Throws LinkInvalidError. */
  async confirm(token: string): Promise<void> {
    try {
      await this.unitOfWork.run(() => this.confirmOnce(token));
    } catch (error) {
      // Somebody else proved the same address at the same moment.
      throw violatedConstraint(error) === 'uq_users_email' ? new LinkInvalidError() : error;
    }
  }

  private async confirmOnce(token: string): Promise<void> {
    const hash = hashOneTimeToken(token);
    const owner = await this.tokens.find(hash, 'change_email');
    const user = owner && (await this.users.lock(owner.userId));
    const consumed = user && !isBlocked(user) ? await this.tokens.consume(hash, 'change_email') : undefined;
    if (!user || !consumed?.email || !(await this.mover.forth(user, consumed.email))) throw new LinkInvalidError();
    await this.undo.offer(user);
  }
}
