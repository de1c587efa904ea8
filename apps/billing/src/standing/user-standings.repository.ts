import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import type { Standing } from './standing.js';

@Injectable()
export class UserStandingsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async find(userId: string): Promise<Standing | undefined> {
    const [row] = await this.unitOfWork.manager.query<Standing[]>(
      `SELECT blocked, blocked_until AS "blockedUntil", deleted_at AS "deletedAt" FROM user_standings WHERE user_id = $1`,
      [userId],
    );
    return row;
  }

  /** Notes a block or its end, unless something newer is known. */
  async setBlocked(userId: string, version: number, blocked: boolean, until: Date | null): Promise<void> {
    await this.unitOfWork.requireTransaction().manager.query(
      `INSERT INTO user_standings AS s (user_id, version, blocked, blocked_until) VALUES ($1, $2, $3, $4)
       ON CONFLICT ON CONSTRAINT pk_user_standings DO UPDATE
         SET version = excluded.version, blocked = excluded.blocked, blocked_until = excluded.blocked_until
       WHERE s.version < excluded.version`,
      [userId, version, blocked, until],
    );
  }

  /** Notes that the user is gone, which nothing takes back. */
  async setDeleted(userId: string, at: Date): Promise<void> {
    await this.unitOfWork.requireTransaction().manager.query(
      `INSERT INTO user_standings AS s (user_id, version, blocked, deleted_at) VALUES ($1, 0, false, $2)
       ON CONFLICT ON CONSTRAINT pk_user_standings DO UPDATE SET deleted_at = coalesce(s.deleted_at, excluded.deleted_at)`,
      [userId, at],
    );
  }
}
