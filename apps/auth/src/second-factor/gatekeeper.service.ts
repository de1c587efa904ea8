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

/** What belongs to an admission, whether it opens a session or asks for a second factor. */
export interface AdmissionTerms {
  /** Whose failures to sign in, as they are counted, are over. */
  forgiven?: Buffer;
  /** Runs in the same transaction after the user was locked: what it throws undoes the admission. */
  also?: () => Promise<void>;
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
   * Opens a session, or throws SecondFactorRequiredError with a challenge when the user has a second factor.
   * Throws AccountChangedError when the account is not what it was when the first factor was looked at.
   */
  async admit(
    user: User,
    method: Challenge['method'],
    client: Client,
    { forgiven, also }: AdmissionTerms,
  ): Promise<Admission> {
    const enter = async (): Promise<Admission | SecondFactorRequiredError> => {
      const result = await (user.hasSecondFactor
        ? this.challenge(user, method, client, forgiven)
        : this.open(user, [method], client, forgiven));
      await also?.();
      return result;
    };
    // Either is a single statement, which needs no transaction around it.
    const admitted = await (also ? this.unitOfWork.run(enter) : enter());
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
    if (!(await this.codes.check(user.id, code, client))) {
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

  private async open(
    user: User,
    methods: [Challenge['method'], ...'otp'[]],
    client: Client,
    forgiven?: Buffer,
  ): Promise<Admission> {
    const session = await this.sessions.open(user, methods, client, forgiven);
    const { sessionId, device } = session;
    this.note({ userId: user.id, sessionId, method: HISTORY_METHOD[methods[0]], outcome: 'success', client, device });
    const mustEnrol = !user.hasSecondFactor && isAdministrator(user);
    return { ...session, userId: user.id, mustEnrol };
  }

  private async challenge(
    user: User,
    method: Challenge['method'],
    client: Client,
    forgiven: Buffer | null = null,
  ): Promise<SecondFactorRequiredError> {
    const token = randomBytes(32).toString('base64url');
    // Its foreign key locks the user against whoever takes the first factor away.
    const challenge = { userId: user.id, tokenEpoch: user.tokenEpoch, method };
    await this.challenges.insert(hashOneTimeToken(token), challenge, forgiven);
    this.note({ userId: user.id, method: HISTORY_METHOD[method], outcome: 'challenged', client });
    return new SecondFactorRequiredError(token, CHALLENGE_SECONDS);
  }

  /** Once it is true, and never in the transaction: a history that cannot be written holds up nobody. */
  private note(attempt: AttemptResult): void {
    this.unitOfWork.afterCommit(() => this.history.record(attempt));
  }
}
