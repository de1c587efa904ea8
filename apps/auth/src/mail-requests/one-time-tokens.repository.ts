import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';

/** What a token lets its bearer do, and nothing else. */
export type TokenPurpose = 'reset_password' | 'change_email';

/** How long the tokens work. */
const LIFE: Record<TokenPurpose, string> = { reset_password: '30 minutes', change_email: '24 hours' };

/** Whose a token is. */
export interface TokenOwner {
  userId: string;
  /** The address a `change_email` token proves. */
  email: string | null;
}

@Injectable()
export class OneTimeTokensRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Keeps a new token in place of an earlier one of the same purpose; returns when it ends. */
  async issue(userId: string, purpose: TokenPurpose, hash: Buffer, email: string | null = null): Promise<Date> {
    const [row] = await this.unitOfWork.manager.query<{ expires_at: Date }[]>(
      `INSERT INTO one_time_tokens (user_id, purpose, token_hash, email, expires_at) VALUES ($1, $2, $3, $4, now() + $5::interval)
       ON CONFLICT (user_id, purpose) DO UPDATE SET
         token_hash = excluded.token_hash, email = excluded.email, expires_at = excluded.expires_at
       RETURNING expires_at`,
      [userId, purpose, hash, email, LIFE[purpose]],
    );
    return row!.expires_at;
  }

  /** Looks without using the token up. */
  async find(hash: Buffer, purpose: TokenPurpose): Promise<TokenOwner | undefined> {
    const [row] = await this.unitOfWork.manager.query<TokenOwner[]>(
      'SELECT user_id AS "userId", email FROM one_time_tokens WHERE token_hash = $1 AND purpose = $2 AND expires_at > now()',
      [hash, purpose],
    );
    return row;
  }

  /** Uses a token up: of several at once, one gets its owner. */
  async consume(hash: Buffer, purpose: TokenPurpose): Promise<TokenOwner | undefined> {
    const [rows] = await this.unitOfWork.manager.query<[TokenOwner[], number]>(
      `DELETE FROM one_time_tokens WHERE token_hash = $1 AND purpose = $2 AND expires_at > now()
       RETURNING user_id AS "userId", email`,
      [hash, purpose],
    );
    return rows[0];
  }

  /** Voids the token of one purpose. */
  async delete(userId: string, purpose: TokenPurpose): Promise<void> {
    await this.unitOfWork.manager.query('DELETE FROM one_time_tokens WHERE user_id = $1 AND purpose = $2', [
      userId,
      purpose,
    ]);
  }

  /** Voids whatever was under way for a user. */
  async deleteFor(userId: string): Promise<void> {
    await this.unitOfWork.manager.query('DELETE FROM one_time_tokens WHERE user_id = $1', [userId]);
  }
}
