import { Injectable } from '@nestjs/common';
import type { Role } from '#libs/access';
import type { Locale } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import type { User } from './user.js';

/** What a new user starts with. */
export interface NewUser {
  id: string;
  email: string;
  passwordHash: string | null;
  locale: Locale;
  roles: Role[];
}

/** A row with USER_COLUMNS. */
export type UserRow = Omit<User, 'version'> & { version: string };

/** The columns of a User, under its property names. */
export const USER_COLUMNS = `users.id, users.email, users.email_verified_at IS NOT NULL AS "emailVerified", users.password_hash AS "passwordHash",
  users.locale, users.roles, users.version, users.token_epoch AS "tokenEpoch", users.blocked_at AS "blockedAt",
  users.blocked_until AS "blockedUntil", users.created_at AS "createdAt",
  EXISTS (SELECT FROM totp_factors f WHERE f.user_id = users.id AND f.confirmed_at IS NOT NULL) AS "hasSecondFactor"`;

/** Tables whose rows go with their user. */
const OF_A_USER = [
  'identities',
  'one_time_tokens',
  'email_undos',
  'totp_factors',
  'recovery_codes',
  'second_factor_challenges',
] as const;

@Injectable()
export class UsersRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Adds a user whose address is proved; false when the address belongs to somebody already. */
  async insert(user: NewUser): Promise<boolean> {
    const rows = await this.unitOfWork.manager.query<unknown[]>(
      `INSERT INTO users (id, email, email_verified_at, password_hash, locale, roles) VALUES ($1, $2, now(), $3, $4, $5)
       ON CONFLICT (email) DO NOTHING RETURNING id`,
      [user.id, user.email, user.passwordHash, user.locale, user.roles],
    );
    return rows.length > 0;
  }

  async findById(id: string): Promise<User | undefined> {
    return this.findOne('users.id = $1', id);
  }

  async findByEmail(email: string): Promise<User | undefined> {
    return this.findOne('users.email = $1', email);
  }

  /** Locks the user until the transaction ends. */
  async lock(id: string): Promise<User | undefined> {
    return this.findOne('users.id = $1', id, 'FOR UPDATE');
  }

  /** null: no password opens the account until a new one is set. */
  async setPassword(id: string, passwordHash: string | null): Promise<void> {
    await this.unitOfWork.manager.query('UPDATE users SET password_hash = $2 WHERE id = $1', [id, passwordHash]);
  }

  /** Writes the same password down anew, unless it was changed since the hash was read. */
  async rehashPassword(id: string, from: string, to: string): Promise<void> {
    await this.unitOfWork.manager.query('UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2', [
      id,
      from,
      to,
    ]);
  }

  /** Gives a user another proved address; false when it belongs to somebody else. */
  async setEmail(id: string, email: string): Promise<boolean> {
    const [, count] = await this.unitOfWork.manager.query<[unknown, number]>(
      `UPDATE users SET email = $2, email_verified_at = now()
        WHERE id = $1 AND NOT EXISTS (SELECT FROM users WHERE email = $2)`,
      [id, email],
    );
    return count > 0;
  }

  async setRoles(id: string, roles: Role[]): Promise<void> {
    await this.unitOfWork.manager.query('UPDATE users SET roles = $2 WHERE id = $1', [id, roles]);
  }

  async block(id: string, reason: string, until: Date | null): Promise<void> {
    await this.unitOfWork.manager.query(
      'UPDATE users SET blocked_at = now(), blocked_until = $3, blocked_reason = $2 WHERE id = $1',
      [id, reason, until],
    );
  }

  async unblock(id: string): Promise<void> {
    await this.unitOfWork.manager.query(
      'UPDATE users SET blocked_at = NULL, blocked_until = NULL, blocked_reason = NULL WHERE id = $1',
      [id],
    );
  }

  async setLocale(id: string, locale: Locale): Promise<void> {
    await this.unitOfWork.manager.query('UPDATE users SET locale = $2 WHERE id = $1', [id, locale]);
  }

  /** Takes everything that tells who the user was; the id stays, for what others keep under it. */
  async erase(id: string): Promise<void> {
    await this.unitOfWork.manager.query(
      `UPDATE users SET deleted_at = now(), email = NULL, email_verified_at = NULL, password_hash = NULL, roles = '{public_user}',
              blocked_reason = NULL WHERE id = $1`,
      [id],
    );
    for (const table of OF_A_USER) await this.unitOfWork.manager.query(`DELETE FROM ${table} WHERE user_id = $1`, [id]);
    // Ended sessions and the login history stay for a while, without where and on what they were.
    await this.unitOfWork.manager.query('SELECT forget_login_origins($1)', [id]);
    await this.unitOfWork.manager.query('UPDATE sessions SET ip = NULL, browser = NULL, os = NULL WHERE user_id = $1', [
      id,
    ]);
  }

  /** The next number for an event about the user; locks the user, so that events leave in the order of their numbers. */
  async nextVersion(id: string): Promise<number> {
    return (await this.nextVersionAndLocale(id)).version;
  }

  /** The next number for an event about the user, as above, and the language in which the user would read of it. */
  async nextVersionAndLocale(id: string): Promise<{ version: number; locale: Locale }> {
    const [rows] = await this.unitOfWork.manager.query<[{ version: string; locale: Locale }[], number]>(
      'UPDATE users SET version = version + 1 WHERE id = $1 RETURNING version, locale',
      [id],
    );
    if (!rows[0]) throw new Error(`There is no user ${id}`);
    return { version: Number(rows[0].version), locale: rows[0].locale };
  }

  private async findOne(condition: string, value: string, lock = ''): Promise<User | undefined> {
    const [row] = await this.unitOfWork.manager.query<UserRow[]>(
      `SELECT ${USER_COLUMNS} FROM users WHERE ${condition} AND users.deleted_at IS NULL ${lock}`,
      [value],
    );
    return row && userOf(row);
  }
}

/** The user a row is about. */
export function userOf(row: UserRow): User {
  return { ...row, version: Number(row.version) };
}
