import { Injectable } from '@nestjs/common';
import { LoginHistoryService } from '../login-history/login-history.service.js';
import { PasswordHashingService } from '../passwords/password-hashing.service.js';
import type { Client } from '../sessions/client.js';
import { type OpenedSession, SessionsService } from '../sessions/sessions.service.js';
import { isBlocked, type User } from '../users/user.js';
import { UsersRepository } from '../users/users.repository.js';
import { InvalidCredentialsError, TooManyFailuresError } from './sign-in.errors.js';
import { SignInFailuresRepository } from './sign-in-failures.repository.js';

@Injectable()
export class SignInService {
  constructor(
    private readonly users: UsersRepository,
    private readonly failures: SignInFailuresRepository,
    private readonly passwords: PasswordHashingService,
    private readonly sessions: SessionsService,
    private readonly history: LoginHistoryService,
  ) {}

  /** Opens a session for an address (in normal form) and a password. Throws InvalidCredentialsError, TooManyFailuresError, BusyError. */
  async signIn(email: string, password: string, client: Client): Promise<OpenedSession> {
    const [reservation, user] = await Promise.all([this.failures.reserve(email), this.users.findByEmail(email)]);
    if (!reservation.allowed) throw new TooManyFailuresError(reservation.retryAfterSeconds);
    const { matches, outdated } = await this.passwords.check(password, user?.passwordHash ?? null);
    if (!user || !matches || isBlocked(user)) {
      this.history.record({ userId: user?.id ?? null, method: 'password', outcome: 'refused', client });
      throw new InvalidCredentialsError();
    }
    if (outdated) await this.users.setPassword(user.id, await this.passwords.hash(password));
    return this.letIn(user, client);
  }

  private async letIn(user: User, client: Client): Promise<OpenedSession> {
    const [session] = await Promise.all([this.sessions.open(user, ['pwd'], client), this.failures.clear(user.email)]);
    const { sessionId, device } = session;
    this.history.record({ userId: user.id, sessionId, method: 'password', outcome: 'success', client, device });
    return session;
  }
}
