import { Injectable } from '@nestjs/common';
import { type Revocation, sessionKey, userKey } from '#libs/access';
import { UnitOfWork } from '#libs/database';

@Injectable()
export class RevocationsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Voids the tokens of one session. */
  async addSession(userId: string, sessionId: string): Promise<void> {
    await this.unitOfWork.manager.query('INSERT INTO revocations (user_id, session_id) VALUES ($1, $2)', [
      userId,
      sessionId,
    ]);
  }

  /** Voids every token a user holds by raising the epoch; returns the new one. */
  async addUser(userId: string): Promise<number> {
    const [row] = await this.unitOfWork.manager.query<{ epoch: number }[]>(
      `WITH raised AS (UPDATE users SET token_epoch = token_epoch + 1 WHERE id = $1 RETURNING id, token_epoch)
       INSERT INTO revocations (user_id, epoch) SELECT id, token_epoch FROM raised RETURNING epoch`,
      [userId],
    );
    if (!row) throw new Error(`There is no user ${userId}`);
    return row.epoch;
  }

  /** Those of the last `ms` milliseconds, by the database's clock. */
  async ofLast(ms: number): Promise<Revocation[]> {
    return this.read(`at > clock_timestamp() - $1 * interval '1 millisecond'`, ms);
  }

  /** Those after a moment of the database's clock, in milliseconds since 1970. */
  async after(at: number): Promise<Revocation[]> {
    return this.read('at > to_timestamp($1::float8 / 1000)', at);
  }

  async deleteOlderThan(ms: number): Promise<void> {
    await this.unitOfWork.manager.query(
      `DELETE FROM revocations WHERE at < clock_timestamp() - $1 * interval '1 millisecond'`,
      [ms],
    );
  }

  private async read(condition: string, value: number): Promise<Revocation[]> {
    const rows = await this.unitOfWork.manager.query<
      { user_id: string; session_id: string | null; epoch: number | null; at: number }[]
    >(
      `SELECT user_id, session_id, epoch, floor(extract(epoch FROM at) * 1000)::float8 AS at FROM revocations WHERE ${condition}`,
      [value],
    );
    return rows.map(({ user_id: userId, session_id: sessionId, epoch, at }) => ({
      key: sessionId ? sessionKey(sessionId) : userKey(userId),
      epoch,
      at,
    }));
  }
}
