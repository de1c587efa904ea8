import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';

/** A first factor that was right. */
export interface Challenge {
  userId: string;
  tokenEpoch: number;
  /** The first factor: `pwd` or `google`. */
  method: 'pwd' | 'google';
}

export const CHALLENGE_SECONDS = 300;
const ATTEMPTS = 5;

@Injectable()
export class ChallengesRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Keeps a challenge, and forgets the failures counted for `forgiven`. */
  async insert(tokenHash: Buffer, challenge: Challenge, forgiven: Buffer | null): Promise<void> {
    await this.unitOfWork.manager.query(
      `WITH forgotten AS (DELETE FROM sign_in_failures WHERE identifier_hash = $6)
       INSERT INTO second_factor_challenges (token_hash, user_id, token_epoch, method, expires_at)
       VALUES ($1, $2, $3, $4, now() + $5 * interval '1 second')`,
      [tokenHash, challenge.userId, challenge.tokenEpoch, challenge.method, CHALLENGE_SECONDS, forgiven],
    );
  }

  /** Counts a try against the challenge before it is made; nothing when there is none left or it is too late. */
  async attempt(tokenHash: Buffer): Promise<Challenge | undefined> {
    const [rows] = await this.unitOfWork.manager.query<[Challenge[], number]>(
      `UPDATE second_factor_challenges SET attempts = attempts + 1
        WHERE token_hash = $1 AND expires_at > now() AND attempts < ${ATTEMPTS}
        RETURNING user_id AS "userId", token_epoch AS "tokenEpoch", method`,
      [tokenHash],
    );
    return rows[0];
  }

  /** What a first factor that is no longer one was right for. */
  async deleteOf(userId: string, method: Challenge['method']): Promise<void> {
    await this.unitOfWork.manager.query('DELETE FROM second_factor_challenges WHERE user_id = $1 AND method = $2', [
      userId,
      method,
    ]);
  }

  /** The challenge is met; false when it was met before. */
  async delete(tokenHash: Buffer): Promise<boolean> {
    const [, count] = await this.unitOfWork.manager.query<[unknown, number]>(
      'DELETE FROM second_factor_challenges WHERE token_hash = $1',
      [tokenHash],
    );
    return count > 0;
  }
}
