import { Injectable } from '@nestjs/common';
import { type Locale, uuidv7 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { hashOneTimeToken } from '../mail-requests/one-time-token.js';
import { MailRequestsService } from '../mail-requests/mail-requests.service.js';
import { PasswordHashingService } from '../passwords/password-hashing.service.js';
import { PasswordRules } from '../passwords/password-rules.service.js';
import { UsersService } from '../users/users.service.js';
import { LinkInvalidError } from './registration.errors.js';
import { RegistrationsRepository } from './registrations.repository.js';

@Injectable()
export class RegistrationService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly registrations: RegistrationsRepository,
    private readonly mailRequests: MailRequestsService,
    private readonly rules: PasswordRules,
    private readonly passwords: PasswordHashingService,
    private readonly users: UsersService,
  ) {}

  /** Takes a sign-up; does the same work whether the address is known or not. Throws WeakPasswordError, BusyError. */
  async register(email: string, password: string, locale: Locale): Promise<void> {
    await this.rules.assertGood(password, email);
    const passwordHash = await this.passwords.hash(password);
    const id = uuidv7();
    await this.unitOfWork.run(async () => {
      await this.registrations.insert({ id, email, passwordHash, locale });
      await this.mailRequests.ask({ purpose: 'registration', email, locale, registrationId: id });
    });
  }

  /** Asks for the link again; nothing tells whether there is a sign-up to confirm. */
  async resend(email: string, locale: Locale): Promise<void> {
    await this.unitOfWork.run(() => this.mailRequests.ask({ purpose: 'verification', email, locale }));
  }

  /**
   * Confirms an address: the sign-up becomes a user. A token works once. Returns whether the user has a password: when several
   * sign-ups wait for one address, whoever reads its mail may click the link of a stranger, whose password must not come along.
   * Throws LinkInvalidError.
   */
  async verify(token: string): Promise<{ hasPassword: boolean }> {
    return this.unitOfWork.run(async () => {
      const registration = await this.registrations.consume(hashOneTimeToken(token));
      if (!registration) throw new LinkInvalidError();
      const contested = (await this.registrations.waitingFor(registration.email)).length > 0;
      const passwordHash = contested ? null : registration.passwordHash;
      const created = await this.users.create({ ...registration, passwordHash, roles: ['public_user'] });
      if (!created) throw new LinkInvalidError();
      await this.registrations.deleteFor(registration.email);
      return { hasPassword: passwordHash !== null };
    });
  }
}
