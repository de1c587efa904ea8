import { Injectable } from '@nestjs/common';
import { EmailChangeRequests } from '../mail-requests/email-change-requests.service.js';
import { RevocationsService } from '../revocations/revocations.service.js';
import { UsersRepository } from '../users/users.repository.js';
import { type EndReason, SessionsRepository } from './sessions.repository.js';

/** Ends sessions in the caller's transaction, for the service and the commands: their refresh and access tokens are void. */
@Injectable()
export class SessionEndings {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly users: UsersRepository,
    private readonly revocations: RevocationsService,
    private readonly emailChanges: EmailChangeRequests,
  ) {}

  /** Ends one session of a user; false when the user has no such live session. */
  async end(userId: string, sessionId: string, reason: EndReason): Promise<boolean> {
    await this.users.lock(userId);
    const ended = await this.sessions.end(userId, sessionId, reason);
    if (ended) await this.revocations.revokeSession(userId, sessionId, reason);
    return ended;
  }

  /** Ends every other session of a user; the one that is kept keeps its access token too. */
  async endOthers(userId: string, sessionId: string): Promise<void> {
    await this.users.lock(userId);
    const ended = await this.sessions.endAll(userId, 'logout_all', sessionId);
    await this.emailChanges.withdraw(userId);
    for (const id of ended) await this.revocations.revokeSession(userId, id, 'logout_all');
  }

  /**
   * Ends every session of a user but `keep`, and voids every access token: the kept session has to refresh once.
   * The caller has locked the user.
   */
  async endAll(userId: string, reason: EndReason, keep: string | null = null): Promise<void> {
    await this.sessions.endAll(userId, reason, keep);
    await this.emailChanges.withdraw(userId);
    await this.revocations.revokeUser(userId, reason);
  }
}
