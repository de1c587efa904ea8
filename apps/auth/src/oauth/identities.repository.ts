import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';

@Injectable()
export class IdentitiesRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** The user a Google account belongs to. */
  async userOf(subject: string): Promise<string | undefined> {
    const [row] = await this.unitOfWork.manager.query<{ user_id: string }[]>(
      `SELECT user_id FROM identities WHERE provider = 'google' AND subject = $1`,
      [subject],
    );
    return row?.user_id;
  }

  /** Links a Google account to a user; false when one of the two is linked already. */
  async link(subject: string, userId: string, email: string): Promise<boolean> {
    const rows = await this.unitOfWork.manager.query<unknown[]>(
      `INSERT INTO identities (provider, subject, user_id, email) VALUES ('google', $1, $2, $3) ON CONFLICT DO NOTHING RETURNING user_id`,
      [subject, userId, email],
    );
    return rows.length > 0;
  }

  /** Takes a user's Google account away, or only one linked since a moment; false when there is none. */
  async unlink(userId: string, since: Date | null = null): Promise<boolean> {
    const [, count] = await this.unitOfWork.manager.query<[unknown, number]>(
      `DELETE FROM identities WHERE provider = 'google' AND user_id = $1 AND ($2::timestamptz IS NULL OR linked_at >= $2)`,
      [userId, since],
    );
    return count > 0;
  }
}
