import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { type AttemptResult, LoginHistoryService } from '../login-history/login-history.service.js';
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
    private readonly unitOfWork: UnitOfWork,
    private readonly challenges: ChallengesRepository,
    private readonly codes: CodesService,
    private readonly users: UsersRepository,
    private readonly sessions: SessionsService,
    private readonly history: LoginHistoryService,
  ) {}

  /**
   * Opens a session, or throws SecondFactorRequiredError with a challenge when the user has a second factor. `also` belongs to the same
   * transaction and runs after the user was locked: what it throws undoes the admission.
   */
  async admit(user: User, method: Challenge['method'], client: Client, also: () => Promise<void>): Promise<Admission> {
    const admitted = await this.unitOfWork.run(async () => {
      const result = await (user.hasSecondFactor
        ? this.challenge(user, method, client)
        : this.open(user, [method], client));
      await also();
      return result;
    });
    // Thrown after the commit: the challenge must stay.
    if (admitted instanceof SecondFactorRequiredError) throw admitted;
    return admitted;
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
    return this.unitOfWork.run(async () => {
      // Locked first, as by those who take the first factor away, and its challenges with it.
      await this.users.lock(user.id);
      if (!(await this.challenges.delete(hash))) throw new SecondFactorFailedError();
      return this.open(user, [challenge.method, 'otp'], client);
    });
  }

  private async open(user: User, methods: [Challenge['method'], ...'otp'[]], client: Client): Promise<Admission> {
    const session = await this.sessions.open(user, methods, client);
    const { sessionId, device } = session;
    this.note({ userId: user.id, sessionId, method: HISTORY_METHOD[methods[0]], outcome: 'success', client, device });
    const mustEnrol = !user.hasSecondFactor && isAdministrator(user);
    return { ...session, userId: user.id, mustEnrol };
  }

  private async challenge(user: User, method: Challenge['method'], client: Client): Promise<SecondFactorRequiredError> {
    const token = randomBytes(32).toString('base64url');
    // Its foreign key locks the user against whoever takes the first factor away.
    await this.challenges.insert(hashOneTimeToken(token), { userId: user.id, tokenEpoch: user.tokenEpoch, method });
    this.note({ userId: user.id, method: HISTORY_METHOD[method], outcome: 'challenged', client });
    return new SecondFactorRequiredError(token, CHALLENGE_SECONDS);
  }

  /** Once it is true, and never in the transaction: a history that cannot be written holds up nobody. */
  private note(attempt: AttemptResult): void {
    this.unitOfWork.afterCommit(() => this.history.record(attempt));
  }
}
