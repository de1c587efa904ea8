import { Injectable } from '@nestjs/common';
import type { Locale } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { MailRequestsService } from '../mail-requests/mail-requests.service.js';
import { hashOneTimeToken } from '../mail-requests/one-time-token.js';
import { OneTimeTokensRepository } from '../mail-requests/one-time-tokens.repository.js';
import { PasswordHashingService } from '../passwords/password-hashing.service.js';
import { PasswordRules } from '../passwords/password-rules.service.js';
import { LinkInvalidError } from '../registration/registration.errors.js';
import { UsersRepository } from '../users/users.repository.js';
import { PasswordChangeService } from './password-change.service.js';

@Injectable()
export class RecoveryService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly mailRequests: MailRequestsService,
    private readonly tokens: OneTimeTokensRepository,
    private readonly users: UsersRepository,
    private readonly rules: PasswordRules,
    private readonly passwords: PasswordHashingService,
    private readonly change: PasswordChangeService,
  ) {}

  /** Asks for a link to set a new password; nothing tells whether there is an account. */
  async forgot(email: string, locale: Locale): Promise<void> {
    await this.unitOfWork.run(() => this.mailRequests.ask({ purpose: 'recovery', email, locale }));
  }

  /** Sets a new password by the token of a link, which works once. Throws LinkInvalidError, WeakPasswordError, BusyError. */
  async reset(token: string, password: string): Promise<void> {
    const hash = hashOneTimeToken(token);
    const owner = await this.tokens.find(hash, 'reset_password');
    const user = owner && (await this.users.findById(owner.userId));
    if (!user) throw new LinkInvalidError();
    await this.rules.assertGood(password, user.email);
    const passwordHash = await this.passwords.hash(password);
    await this.unitOfWork.run(async () => {
      const locked = await this.users.lock(user.id);
      if (!locked || !(await this.tokens.consume(hash, 'reset_password'))) throw new LinkInvalidError();
      await this.change.apply(locked, passwordHash, 'password.reset', null);
    });
  }
}
