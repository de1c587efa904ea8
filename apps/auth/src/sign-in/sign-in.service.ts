import { Injectable } from '@nestjs/common';
import { LoginHistoryService } from '../login-history/login-history.service.js';
import type { Place } from '../passwords/gate.js';
import { PasswordHashingService } from '../passwords/password-hashing.service.js';
import { type Admission, GatekeeperService } from '../second-factor/gatekeeper.service.js';
import type { Client } from '../sessions/client.js';
import { isBlocked, type User } from '../users/user.js';
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
    const user = await this.passwords.withPlaces(1, async ([place]) => {
      const found = await this.failures.reserveAndFind(email);
      if (!found.reservation.allowed) {
        this.noteRefusal(found.user, client);
        throw new TooManyFailuresError(found.reservation.retryAfterSeconds);
      }
      return this.prove(found.user, password, client, place);
    });
    return this.gatekeeper.admit(user, 'pwd', client, { forgiven: identifierOf(email) });
  }

  /** The user, if there is one, whose password it is and who may come in. */
  private async prove(user: User | undefined, password: string, client: Client, place?: Place): Promise<User> {
    const passwordHash = user?.passwordHash ?? null;
    const { matches, outdated } = await this.passwords.check(password, passwordHash, place);
    if (!user || !passwordHash || !matches || isBlocked(user)) {
      this.noteRefusal(user, client);
      throw new InvalidCredentialsError();
    }
    const renewed = outdated ? await this.passwords.hashIfQuiet(password) : undefined;
    if (renewed) await this.users.rehashPassword(user.id, passwordHash, renewed);
    return user;
  }

  private noteRefusal(user: User | undefined, client: Client): void {
    this.history.record({ userId: user?.id ?? null, method: 'password', outcome: 'refused', client });
  }
}
