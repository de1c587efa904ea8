import { Injectable } from '@nestjs/common';
import { LoginHistoryService } from '../login-history/login-history.service.js';
import { PasswordHashingService } from '../passwords/password-hashing.service.js';
import { type Admission, GatekeeperService } from '../second-factor/gatekeeper.service.js';
import type { Client } from '../sessions/client.js';
import { isBlocked } from '../users/user.js';
import { UsersRepository } from '../users/users.repository.js';
import { InvalidCredentialsError, TooManyFailuresError } from './sign-in.errors.js';
import { identifierOf, SignInFailuresRepository } from './sign-in-failures.repository.js';

@Injectable()
export class SignInService {
  constructor(
    private readonly users: UsersRepository,
    private readonly failures: SignInFailuresRepository,
    private readonly passwords: PasswordHashingService,
    private readonly gatekeeper: GatekeeperService,
    private readonly history: LoginHistoryService,
  ) {}

  /** Opens a session for an address (in normal form) and a password. Throws InvalidCredentialsError, SecondFactorRequiredError, TooManyFailuresError, BusyError. */
  async signIn(email: string, password: string, client: Client): Promise<Admission> {
    this.passwords.assertNotBusy();
    const { reservation, user } = await this.failures.reserveAndFind(email);
    if (!reservation.allowed) throw new TooManyFailuresError(reservation.retryAfterSeconds);
    const passwordHash = user?.passwordHash ?? null;
    const { matches, outdated } = await this.passwords.check(password, passwordHash);
    if (!user || !passwordHash || !matches || isBlocked(user)) {
      this.history.record({ userId: user?.id ?? null, method: 'password', outcome: 'refused', client });
      throw new InvalidCredentialsError();
    }
    if (outdated) await this.users.rehashPassword(user.id, passwordHash, await this.passwords.hash(password));
    return this.gatekeeper.admit(user, 'pwd', client, { forgiven: identifierOf(email) });
  }
}
