import { Injectable } from '@nestjs/common';
import type { Role } from '#libs/access';
import { UserRolesChangedV1 } from '#libs/contracts';
import { Outbox } from '#libs/messaging';
import { AuditService } from '../audit/audit.service.js';
import { SessionEndings } from '../sessions/session-endings.service.js';
import type { User } from '../users/user.js';
import { UsersRepository } from '../users/users.repository.js';

/** Gives users other roles, for administrators and commands; who may do that is the caller's business. */
@Injectable()
export class RoleChanges {
  constructor(
    private readonly users: UsersRepository,
    private readonly sessions: SessionEndings,
    private readonly outbox: Outbox,
    private readonly audit: AuditService,
  ) {}

  /**
   * Gives a user exactly these roles, says so and leaves an audit entry; nothing happens when they are the ones the user has. All sessions
   * end: a session somebody planted before must not gain what its user gains (session fixation), nor keep what the user loses.
   * Runs in the caller's transaction, which has locked the user.
   */
  async change(actorId: string | null, user: User, roles: Role[], action: string): Promise<void> {
    if (user.roles.length === roles.length && user.roles.every((role) => roles.includes(role))) return;
    const { id: userId, locale } = user;
    await this.users.setRoles(userId, roles);
    await this.sessions.endAll(userId, 'roles_changed');
    const event = new UserRolesChangedV1({ userId, roles, locale });
    await this.outbox.add(event, { aggregateId: userId, aggregateVersion: await this.users.nextVersion(userId) });
    await this.audit.record({ actorId, action, subjectId: userId, before: { roles: user.roles }, after: { roles } });
  }
}
