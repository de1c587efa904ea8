import { Injectable } from '@nestjs/common';
import { PasswordChangedV1 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { Outbox } from '#libs/messaging';
import { AuditService } from '../audit/audit.service.js';
import { OneTimeTokensRepository } from '../mail-requests/one-time-tokens.repository.js';
import { PasswordHashingService } from '../passwords/password-hashing.service.js';
import { PasswordRules } from '../passwords/password-rules.service.js';
import { SessionEndings } from '../sessions/session-endings.service.js';
import { SignInFailuresRepository } from '../sign-in/sign-in-failures.repository.js';
import { TooManyFailuresError } from '../sign-in/sign-in.errors.js';
import type { User } from '../users/user.js';
import { UserGoneError } from '../users/user.errors.js';
import { UsersRepository } from '../users/users.repository.js';
import { WrongCurrentPasswordError } from './recovery.errors.js';

@Injectable()
export class PasswordChangeService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersRepository,
    private readonly tokens: OneTimeTokensRepository,
    private readonly failures: SignInFailuresRepository,
    private readonly rules: PasswordRules,
    private readonly passwords: PasswordHashingService,
    private readonly sessions: SessionEndings,
    private readonly outbox: Outbox,
    private readonly audit: AuditService,
  ) {}

  /**
   * Sets a new password by the current one; guesses count like those at sign-in. The session that asks stays, all others end.
   * Throws WrongCurrentPasswordError, TooManyFailuresError, WeakPasswordError, BusyError.
   */
  async change(userId: string, sessionId: string, currentPassword: string, newPassword: string): Promise<void> {
    const user = await this.users.findById(userId);
    if (!user) throw new UserGoneError();
    await this.rules.assertGood(newPassword, user.email);
    const passwordHash = await this.passwords.withPlaces(2, async ([forCurrent, forNew]) => {
      const reservation = await this.failures.reserve(user.email);
      if (!reservation.allowed) throw new TooManyFailuresError(reservation.retryAfterSeconds);
      const { matches } = await this.passwords.check(currentPassword, user.passwordHash, forCurrent);
      if (!matches) throw new WrongCurrentPasswordError();
      return this.passwords.hash(newPassword, forNew);
    });
    await this.unitOfWork.run(async () => {
      const locked = await this.users.lock(userId);
      // Somebody else was quicker: what was checked above is not the current password any more.
      if (locked?.passwordHash !== user.passwordHash) throw new WrongCurrentPasswordError();
      await this.apply(locked, passwordHash, 'password.changed', sessionId);
    });
  }

  /** Sets a password and closes every other door; runs in the caller's transaction, which has locked the user. */
  async apply(user: User, passwordHash: string, action: string, keepSession: string | null): Promise<void> {
    await this.users.setPassword(user.id, passwordHash);
    await this.tokens.deleteFor(user.id);
    await this.failures.clear(user.email);
    await this.sessions.endAll(user.id, 'password_changed', keepSession);
    const { id: userId, email, locale } = user;
    const event = new PasswordChangedV1({ userId, email, locale, changedAt: new Date().toISOString() });
    await this.outbox.add(event, { aggregateId: userId, aggregateVersion: await this.users.nextVersion(userId) });
    await this.audit.record({ actorId: userId, action, subjectId: userId });
  }
}
