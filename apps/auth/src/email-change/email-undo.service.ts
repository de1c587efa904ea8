import { Injectable } from '@nestjs/common';
import { UnitOfWork, violatedConstraint } from '#libs/database';
import { MailDispatchService } from '../mail-requests/mail-dispatch.service.js';
import { hashOneTimeToken, newOneTimeToken } from '../mail-requests/one-time-token.js';
import { GoogleAccountsService } from '../oauth/google-accounts.service.js';
import { LinkInvalidError } from '../registration/registration.errors.js';
import { SecondFactorService } from '../second-factor/second-factor.service.js';
import type { Client } from '../sessions/client.js';
import { SessionEndings } from '../sessions/session-endings.service.js';
import { isAdministrator, isBlocked, type User } from '../users/user.js';
import { UsersRepository } from '../users/users.repository.js';
import { EmailTakenError } from './email-change.errors.js';
import { EmailMoveService } from './email-move.service.js';
import { EmailUndosRepository } from './email-undos.repository.js';

@Injectable()
export class EmailUndoService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersRepository,
    private readonly undos: EmailUndosRepository,
    private readonly mover: EmailMoveService,
    private readonly google: GoogleAccountsService,
    private readonly secondFactor: SecondFactorService,
    private readonly sessions: SessionEndings,
    private readonly mails: MailDispatchService,
  ) {}

  /** Mails a way back to the address a user is about to lose; runs in the transaction of the change. */
  async offer(user: User): Promise<void> {
    const token = newOneTimeToken();
    const expiresAt = await this.undos.add(user.id, user.email, token.hash);
    await this.mails.sendEmailUndo(user, token.plain, expiresAt);
  }

  /**
   * Gives the account back to the owner of its earlier address and shuts out whoever holds it now: sessions, password, links under
   * way, Google accounts linked and a second factor switched on since, but never an administrator's. A link to set a new password
   * follows. Throws LinkInvalidError, EmailTakenError.
   */
  async undo(token: string, client: Client): Promise<void> {
    try {
      await this.unitOfWork.run(() => this.undoOnce(hashOneTimeToken(token), client));
    } catch (error) {
      // Somebody proved the address at the same moment.
      throw violatedConstraint(error) === 'uq_users_email' ? new EmailTakenError() : error;
    }
  }

  private async undoOnce(hash: Buffer, client: Client): Promise<void> {
    const offered = await this.undos.find(hash);
    const user = offered && (await this.users.lock(offered.userId));
    if (!user || isBlocked(user)) throw new LinkInvalidError();
    const way = await this.undos.consume(hash);
    if (!way) throw new LinkInvalidError();
    if (!(await this.mover.back(user, way.email))) throw new EmailTakenError();
    await this.undos.deleteLater(user.id, way.changedAt);
    await this.users.setPassword(user.id, null);
    await this.google.unlink(user.id, way.changedAt);
    // Whoever reads an administrator's old mail must not get in by that alone; a super user helps where a thief switched it on.
    if (!isAdministrator(user)) await this.secondFactor.takeAway(user.id, way.changedAt, client);
    await this.sessions.endAll(user.id, 'password_changed');
    await this.mails.sendRecovery({ ...user, email: way.email });
  }
}
