import { Injectable } from '@nestjs/common';
import { UserEmailChangedV1 } from '#libs/contracts';
import { UnitOfWork, violatedConstraint } from '#libs/database';
import { Outbox } from '#libs/messaging';
import { AuditService } from '../audit/audit.service.js';
import { MailRequestsService } from '../mail-requests/mail-requests.service.js';
import { hashOneTimeToken } from '../mail-requests/one-time-token.js';
import { OneTimeTokensRepository } from '../mail-requests/one-time-tokens.repository.js';
import { LinkInvalidError } from '../registration/registration.errors.js';
import { RegistrationsRepository } from '../registration/registrations.repository.js';
import { StepUpService } from '../sessions/step-up.service.js';
import { isBlocked } from '../users/user.js';
import { UsersRepository } from '../users/users.repository.js';

@Injectable()
export class EmailChangeService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly stepUp: StepUpService,
    private readonly users: UsersRepository,
    private readonly mailRequests: MailRequestsService,
    private readonly tokens: OneTimeTokensRepository,
    private readonly registrations: RegistrationsRepository,
    private readonly outbox: Outbox,
    private readonly audit: AuditService,
  ) {}

  /** Asks for a link to the new address; nothing tells whether it has an account. Throws StepUpRequiredError. */
  async request(userId: string, sessionId: string, email: string): Promise<void> {
    await this.stepUp.assertFresh(sessionId);
    await this.unitOfWork.run(async () => {
      const user = await this.users.lock(userId);
      if (user) await this.mailRequests.ask({ purpose: 'email_change', email, locale: user.locale, userId });
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
    const consumed = user && !isBlocked(user) && (await this.tokens.consume(hash, 'change_email'));
    if (!user || !consumed || !consumed.email || !(await this.users.setEmail(user.id, consumed.email)))
      throw new LinkInvalidError();
    // A reset link that went to the old address must not open the account any more.
    await this.tokens.deleteFor(user.id);
    await this.registrations.deleteFor(consumed.email);
    const { id: userId, locale, email: previousEmail } = user;
    const facts = { userId, email: consumed.email, previousEmail, locale, changedAt: new Date().toISOString() };
    const aggregateVersion = await this.users.nextVersion(userId);
    await this.outbox.add(new UserEmailChangedV1(facts), { aggregateId: userId, aggregateVersion });
    await this.audit.record({ actorId: userId, action: 'user.email_changed', subjectId: userId });
  }
}
