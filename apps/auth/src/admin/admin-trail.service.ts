import { Injectable } from '@nestjs/common';
import { SecondFactorDisabledV1, UserBlockedV1 } from '#libs/contracts';
import { Outbox } from '#libs/messaging';
import { AuditService } from '../audit/audit.service.js';
import type { User } from '../users/user.js';
import { UsersRepository } from '../users/users.repository.js';

/** What an administrator's act leaves behind: the event and the audit entry. */
@Injectable()
export class AdminTrail {
  constructor(
    private readonly users: UsersRepository,
    private readonly outbox: Outbox,
    private readonly audit: AuditService,
  ) {}

  async blocked(
    actorId: string,
    user: User,
    after: { blocked: boolean; reason?: string; until?: string | null },
  ): Promise<void> {
    const { blocked, reason, until } = after;
    const at = new Date().toISOString();
    const { id: userId, locale } = user;
    await this.say(userId, new UserBlockedV1({ userId, blocked, reason, until: until ?? undefined, at, locale }));
    const before = { blocked: user.blockedAt !== null, until: user.blockedUntil?.toISOString() ?? null };
    const action = blocked ? 'user.blocked' : 'user.unblocked';
    await this.audit.record({ actorId, action, subjectId: user.id, before, after });
  }

  /** The user is told that the second factor is off, not on which device and network the administrator was. */
  async secondFactorDisabled(actorId: string, user: User, reason: string): Promise<void> {
    const { id: userId, locale } = user;
    const at = new Date().toISOString();
    await this.say(userId, new SecondFactorDisabledV1({ userId, deviceType: 'unknown', at, locale }));
    const change = { before: { secondFactor: true }, after: { secondFactor: false, reason } };
    await this.audit.record({ actorId, action: 'user.second_factor_disabled', subjectId: userId, ...change });
  }

  async sessionsEnded(actorId: string, user: User, sessionId: string | null): Promise<void> {
    await this.audit.record({
      actorId,
      action: 'user.sessions_ended',
      subjectId: user.id,
      after: { sessionId: sessionId ?? 'all' },
    });
  }

  private async say(userId: string, event: object): Promise<void> {
    await this.outbox.add(event, { aggregateId: userId, aggregateVersion: await this.users.nextVersion(userId) });
  }
}
