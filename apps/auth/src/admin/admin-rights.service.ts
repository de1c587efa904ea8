import { Injectable } from '@nestjs/common';
import type { Role } from '#libs/access';
import { UnitOfWork } from '#libs/database';
import { isBlocked, type User } from '../users/user.js';
import { UsersRepository } from '../users/users.repository.js';
import { LastSuperUserError, NotYourUserError, UserNotFoundError } from './admin.errors.js';

/** Decides who may do what to whom, inside the transaction of the act: the token may tell of rights that are gone. */
@Injectable()
export class AdminRights {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly users: UsersRepository,
  ) {}

  /** One act at a time: two administrators who demote each other cannot both succeed. Held until the transaction ends. */
  async standInLine(): Promise<void> {
    this.unitOfWork.requireTransaction();
    await this.unitOfWork.manager.query(`SELECT pg_advisory_xact_lock(hashtext('administration'))`);
  }

  /** The user to act on, locked. Throws UserNotFoundError, and NotYourUserError when the actor may not. */
  async target(actorId: string, userId: string): Promise<User> {
    const actor = await this.users.findById(actorId);
    const user = await this.users.lock(userId);
    if (!actor || isBlocked(actor) || !isPrivileged(actor.roles)) throw new NotYourUserError();
    if (!user) throw new UserNotFoundError();
    const may = actor.roles.includes('super_user') || !isPrivileged(user.roles);
    if (!may) throw new NotYourUserError();
    return user;
  }

  /** Throws NotYourUserError when the actor is no super user (any more). */
  async assertSuperUser(actorId: string): Promise<void> {
    const actor = await this.users.findById(actorId);
    if (!actor || isBlocked(actor) || !actor.roles.includes('super_user')) throw new NotYourUserError();
  }

  /** Throws LastSuperUserError when no other super user could act after this one. Belongs after `standInLine`. */
  async assertNotLastSuperUser(user: User): Promise<void> {
    if (!user.roles.includes('super_user')) return;
    const [row] = await this.unitOfWork.manager.query<{ others: number }[]>(
      `SELECT count(*)::int AS others FROM users
        WHERE roles @> '{super_user}' AND roles <> '{public_user}' AND id <> $1 AND deleted_at IS NULL AND blocked_at IS NULL`,
      [user.id],
    );
    if (row!.others === 0) throw new LastSuperUserError();
  }
}

function isPrivileged(roles: readonly Role[]): boolean {
  return roles.includes('admin') || roles.includes('super_user');
}
