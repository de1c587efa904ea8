import { Injectable } from '@nestjs/common';
import type { Role } from '#libs/access';
import { UnitOfWork } from '#libs/database';
import { RoleChanges } from '../roles/role-changes.service.js';
import { FactorsRepository } from '../second-factor/factors.repository.js';
import { SecondFactorInactiveError } from '../second-factor/second-factor.errors.js';
import { SessionNotFoundError } from '../sessions/session.errors.js';
import { SessionEndings } from '../sessions/session-endings.service.js';
import { StepUpService } from '../sessions/step-up.service.js';
import type { User } from '../users/user.js';
import { UsersRepository } from '../users/users.repository.js';
import { AdminRights } from './admin-rights.service.js';
import { AdminTrail } from './admin-trail.service.js';
import { NotYourUserError } from './admin.errors.js';

/** Who acts. */
export interface Actor {
  userId: string;
  sessionId: string;
}

@Injectable()
export class AdminUsersService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly rights: AdminRights,
    private readonly users: UsersRepository,
    private readonly stepUp: StepUpService,
    private readonly sessions: SessionEndings,
    private readonly roles: RoleChanges,
    private readonly factors: FactorsRepository,
    private readonly trail: AdminTrail,
  ) {}

  /**
   * Gives a user exactly these roles, and ends the sessions that had others; super users only.
   * Throws LastSuperUserError, NotYourUserError, UserNotFoundError, StepUpRequiredError.
   */
  async setRoles(actor: Actor, userId: string, roles: Role[]): Promise<User> {
    await this.stepUp.assertFresh(actor.sessionId);
    return this.unitOfWork.run(async () => {
      await this.rights.standInLine();
      await this.rights.assertSuperUser(actor.userId);
      const user = await this.rights.target(actor.userId, userId);
      if (!roles.includes('super_user')) await this.rights.assertNotLastSuperUser(user);
      await this.roles.change(actor.userId, user, roles, 'user.roles_changed');
      return { ...user, roles };
    });
  }

  /** Keeps a user out, for good or until a time: sessions end, tokens are void. Throws LastSuperUserError, NotYourUserError, UserNotFoundError. */
  async block(actor: Actor, userId: string, reason: string, until: Date | null): Promise<void> {
    await this.unitOfWork.run(async () => {
      await this.rights.standInLine();
      const user = await this.rights.target(actor.userId, userId);
      await this.rights.assertNotLastSuperUser(user);
      await this.users.block(userId, reason, until);
      await this.sessions.endAll(userId, 'blocked');
      await this.trail.blocked(actor.userId, user, { blocked: true, reason, until: until?.toISOString() ?? null });
    });
  }

  /** Lets a user in again. Throws NotYourUserError, UserNotFoundError. */
  async unblock(actor: Actor, userId: string): Promise<void> {
    await this.unitOfWork.run(async () => {
      await this.rights.standInLine();
      const user = await this.rights.target(actor.userId, userId);
      await this.users.unblock(userId);
      await this.trail.blocked(actor.userId, user, { blocked: false });
    });
  }

  /**
   * Takes a second factor away that its user has lost, or somebody else has switched on: sessions end, tokens and recovery codes are void.
   * Super users only, and on nobody's own account: there a code is asked for.
   * Throws NotYourUserError, SecondFactorInactiveError, UserNotFoundError, StepUpRequiredError.
   */
  async disableSecondFactor(actor: Actor, userId: string, reason: string): Promise<void> {
    await this.stepUp.assertFresh(actor.sessionId);
    await this.unitOfWork.run(async () => {
      await this.rights.standInLine();
      await this.rights.assertSuperUser(actor.userId);
      const user = await this.rights.target(actor.userId, userId);
      if (user.id === actor.userId) throw new NotYourUserError();
      if (!(await this.factors.isActive(user.id))) throw new SecondFactorInactiveError();
      await this.factors.remove(user.id);
      await this.sessions.endAll(user.id, 'admin');
      await this.trail.secondFactorDisabled(actor.userId, user, reason);
    });
  }

  /** Ends one session of a user, or all. Throws NotYourUserError, UserNotFoundError, SessionNotFoundError. */
  async endSessions(actor: Actor, userId: string, sessionId: string | null): Promise<void> {
    await this.unitOfWork.run(async () => {
      await this.rights.standInLine();
      const user = await this.rights.target(actor.userId, userId);
      if (!sessionId) await this.sessions.endAll(userId, 'admin');
      else if (!(await this.sessions.end(userId, sessionId, 'admin'))) throw new SessionNotFoundError();
      await this.trail.sessionsEnded(actor.userId, user, sessionId);
    });
  }
}
