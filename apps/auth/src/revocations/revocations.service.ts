import { Injectable, Optional } from '@nestjs/common';
import { RevocationList, sessionKey, userKey } from '#libs/access';
import { type Facts, SessionRevokedV1 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { Outbox } from '#libs/messaging';
import { UsersRepository } from '../users/users.repository.js';
import { RevocationFeed } from './revocation-feed.service.js';
import { RevocationsRepository } from './revocations.repository.js';

/** Why tokens became void. */
export type RevocationReason = SessionRevokedV1['reason'];

/** Voids access tokens. Every method belongs inside the transaction of the act that does it, after the user was locked. */
@Injectable()
export class RevocationsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: RevocationsRepository,
    private readonly users: UsersRepository,
    private readonly outbox: Outbox,
    // A command has neither: the running service finds the rows in the table.
    @Optional() private readonly feed?: RevocationFeed,
    @Optional() private readonly list?: RevocationList,
  ) {}

  /** Voids the access tokens of one session and says so. */
  async revokeSession(userId: string, sessionId: string, reason: RevocationReason): Promise<void> {
    await this.repository.addSession(userId, sessionId);
    this.applyHere(sessionKey(sessionId), null);
    await this.announce({ userId, sessionId, reason });
  }

  /** Voids every access token of a user and says so. */
  async revokeUser(userId: string, reason: RevocationReason): Promise<void> {
    const epoch = await this.repository.addUser(userId);
    this.applyHere(userKey(userId), epoch);
    await this.announce({ userId, reason });
  }

  /** This process knows before the answer is out; the time only decides when it may be forgotten. */
  private applyHere(key: string, epoch: number | null): void {
    this.unitOfWork.afterCommit(() => this.list?.apply([{ key, epoch, at: Date.now() }]));
  }

  private async announce(facts: Omit<Facts<SessionRevokedV1>, 'revokedAt' | 'locale'>): Promise<void> {
    const { version, locale } = await this.users.nextVersionAndLocale(facts.userId);
    const event = new SessionRevokedV1({ ...facts, revokedAt: new Date().toISOString(), locale });
    await this.outbox.add(event, { aggregateId: facts.userId, aggregateVersion: version });
    this.unitOfWork.afterCommit(() => this.feed?.wake());
  }
}
