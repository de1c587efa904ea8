import { Injectable } from '@nestjs/common';
import type { Role } from '#libs/access';
import { UnitOfWork } from '#libs/database';
import type { User } from '../users/user.js';
import { USER_COLUMNS } from '../users/users.repository.js';

/** What to look for. */
export interface UserSearch {
  /** Beginning of an address, in normal form. */
  email?: string | undefined;
  role?: Role | undefined;
  blocked?: boolean | undefined;
  /** Id of the last user of the page before. */
  after?: string | undefined;
  limit: number;
}

/** A user with what only administrators see. */
export type AdminUser = User & { blockedReason: string | null };

@Injectable()
export class AdminUsersRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** A page of users, the newest first: ids are made of time. */
  async search(search: UserSearch): Promise<AdminUser[]> {
    const values: unknown[] = [search.limit];
    const bind = (value: unknown): string => `$${values.push(value)}`;
    const conditions = ['users.deleted_at IS NULL'];
    // The text is taken as it is: % and _ in it stand for themselves.
    if (search.email) conditions.push(`starts_with(users.email, ${bind(search.email)})`);
    if (search.role) conditions.push(`users.roles @> ARRAY[${bind(search.role)}]::text[]`);
    if (search.blocked !== undefined) {
      const blocked = '(users.blocked_at IS NOT NULL AND (users.blocked_until IS NULL OR users.blocked_until > now()))';
      conditions.push(search.blocked ? blocked : `NOT ${blocked}`);
    }
    if (search.after) conditions.push(`users.id < ${bind(search.after)}`);
    return this.unitOfWork.manager.query<AdminUser[]>(
      `SELECT ${USER_COLUMNS}, users.blocked_reason AS "blockedReason" FROM users
        WHERE ${conditions.join(' AND ')} ORDER BY users.id DESC LIMIT $1`,
      values,
    );
  }

  async find(id: string): Promise<AdminUser | undefined> {
    const [user] = await this.unitOfWork.manager.query<AdminUser[]>(
      `SELECT ${USER_COLUMNS}, users.blocked_reason AS "blockedReason" FROM users WHERE users.id = $1 AND users.deleted_at IS NULL`,
      [id],
    );
    return user;
  }
}
