import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LoginHistoryService } from '../login-history/login-history.service.js';
import { hashOneTimeToken } from '../mail-requests/one-time-token.js';
import type { Client } from '../sessions/client.js';
import { AccountChangedError } from '../sessions/session.errors.js';
import { type OpenedSession, SessionsService } from '../sessions/sessions.service.js';
import { isAdministrator, isBlocked, type User } from '../users/user.js';
import { UsersRepository } from '../users/users.repository.js';
import { type Challenge, CHALLENGE_SECONDS, ChallengesRepository } from './challenges.repository.js';
import { CodesService } from './codes.service.js';
import { SecondFactorFailedError, SecondFactorRequiredError } from './second-factor.errors.js';

const HISTORY_METHOD = { pwd: 'password', google: 'google' } as const;

/** A session that was opened, and what its user still has to do. */
export interface Admission extends OpenedSession {
  userId: string;
  /** An administrator without a second factor: has no administrator's roles until there is one. */
  mustEnrol: boolean;
}

/** The one way from a right first factor to a session, whatever that factor was. */
@Injectable()
export class GatekeeperService {
  constructor(
    private readonly challenges: ChallengesRepository,
    private readonly codes: CodesService,
    private readonly users: UsersRepository,
    private readonly sessions: SessionsService,
    private readonly history: LoginHistoryService,
  ) {}

  /** Opens a session, or throws SecondFactorRequiredError with a challenge when the user has a second factor. */
  async admit(user: User, method: Challenge['method'], client: Client): Promise<Admission> {
    if (user.hasSecondFactor) return this.challenge(user, method, client);
    return this.open(user, [method], client);
  }

  /** Opens the session a challenge stands for, by a code. Throws SecondFactorFailedError, AccountChangedError. */
  async meet(token: string, code: string, client: Client): Promise<Admission> {
    const hash = hashOneTimeToken(token);
    const challenge = await this.challenges.attempt(hash);
    const user = challenge && (await this.users.findById(challenge.userId));
    if (!challenge || !user || isBlocked(user)) throw new SecondFactorFailedError();
    if (user.tokenEpoch !== challenge.tokenEpoch) throw new AccountChangedError();
    if (!(await this.codes.check(user.id, code))) {
      this.history.record({ userId: user.id, method: HISTORY_METHOD[challenge.method], outcome: 'refused', client });
      throw new SecondFactorFailedError();
    }
    if (!(await this.challenges.delete(hash))) throw new SecondFactorFailedError();
    return this.open(user, [challenge.method, 'otp'], client);
  }

  private async open(user: User, methods: [Challenge['method'], ...'otp'[]], client: Client): Promise<Admission> {
    const session = await this.sessions.open(user, methods, client);
    const { sessionId, device } = session;
    this.history.record({
      userId: user.id,
      sessionId,
      method: HISTORY_METHOD[methods[0]],
      outcome: 'success',
      client,
      device,
    });
    const mustEnrol = !user.hasSecondFactor && isAdministrator(user);
    return { ...session, userId: user.id, mustEnrol };
  }

  private async challenge(user: User, method: Challenge['method'], client: Client): Promise<never> {
    const token = randomBytes(32).toString('base64url');
    await this.challenges.insert(hashOneTimeToken(token), { userId: user.id, tokenEpoch: user.tokenEpoch, method });
    this.history.record({ userId: user.id, method: HISTORY_METHOD[method], outcome: 'challenged', client });
    throw new SecondFactorRequiredError(token, CHALLENGE_SECONDS);
  }
}
