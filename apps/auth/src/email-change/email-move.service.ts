import { Injectable } from '@nestjs/common';
import { UserEmailChangedV1 } from '#libs/contracts';
import { Outbox } from '#libs/messaging';
import { AuditService } from '../audit/audit.service.js';
import { OneTimeTokensRepository } from '../mail-requests/one-time-tokens.repository.js';
import { RegistrationsRepository } from '../registration/registrations.repository.js';
import type { User } from '../users/user.js';
import { UsersRepository } from '../users/users.repository.js';

/** Moves a user to another address, forth or back, and says so. Runs in the caller's transaction, which has locked the user. */
@Injectable()
export class EmailMoveService {
  constructor(
    private readonly users: UsersRepository,
    private readonly tokens: OneTimeTokensRepository,
    private readonly registrations: RegistrationsRepository,
    private readonly outbox: Outbox,
    private readonly audit: AuditService,
  ) {}

  /**
   * Moves to a new address; false when it has an account, or a sign-up waits for it: whoever reads its mail may have taken
   * the link for that of the sign-up.
   */
  async forth(user: User, email: string): Promise<boolean> {
    return !(await this.registrations.isAwaited(email)) && this.move(user, email, 'user.email_changed');
  }

  /** Moves back to an earlier address, whoever has signed up with it since; false when it has an account. */
  async back(user: User, email: string): Promise<boolean> {
    return this.move(user, email, 'user.email_change_undone');
  }

  private async move(user: User, email: string, action: string): Promise<boolean> {
    if (!(await this.users.setEmail(user.id, email))) return false;
    // A link that went to the other address must not open the account any more.
    await this.tokens.deleteFor(user.id);
    await this.registrations.deleteFor(email);
    const { id: userId, locale, email: previousEmail } = user;
    const event = new UserEmailChangedV1({ userId, email, previousEmail, locale, changedAt: new Date().toISOString() });
    await this.outbox.add(event, { aggregateId: userId, aggregateVersion: await this.users.nextVersion(userId) });
    await this.audit.record({ actorId: userId, action, subjectId: userId });
    return true;
  }
}
