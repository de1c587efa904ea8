import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';

/** A user's TOTP. */
export interface TotpFactor {
  sealedSecret: string;
  confirmed: boolean;
  lastStep: number;
  blockedSeconds: number;
}

/** Wrong codes over all challenges before a user must wait. */
const FREE_FAILURES = 10;
const FIRST_WAIT = '15 minutes';
/** Each ten more wrong ones double the wait, up to sixteen hours: who knows the password must not get through by guessing for months. */
const MOST_DOUBLINGS = 6;

@Injectable()
export class FactorsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Whether a session of the user needs a second factor. */
  async isActive(userId: string): Promise<boolean> {
    const rows = await this.unitOfWork.manager.query<unknown[]>(
      'SELECT 1 FROM totp_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL',
      [userId],
    );
    return rows.length > 0;
  }

  /** The user's TOTP, locked: of two uses of one code only one is the first. */
  async lock(userId: string): Promise<TotpFactor | undefined> {
    const [row] = await this.unitOfWork.manager.query<(Omit<TotpFactor, 'lastStep'> & { lastStep: string })[]>(
      `SELECT sealed_secret AS "sealedSecret", confirmed_at IS NOT NULL AS confirmed, last_step AS "lastStep",
              greatest(0, coalesce(extract(epoch FROM blocked_until - now()), 0))::float8 AS "blockedSeconds"
         FROM totp_factors WHERE user_id = $1 FOR UPDATE`,
      [userId],
    );
    return row && { ...row, lastStep: Number(row.lastStep) };
  }

  /** Starts over with a new secret that counts once it was confirmed; false when TOTP is on already. */
  async begin(userId: string, sealedSecret: string): Promise<boolean> {
    const rows = await this.unitOfWork.manager.query<unknown[]>(
      `INSERT INTO totp_factors AS f (user_id, sealed_secret) VALUES ($1, $2)
       ON CONFLICT (user_id) DO UPDATE SET sealed_secret = excluded.sealed_secret, last_step = 0 WHERE f.confirmed_at IS NULL
       RETURNING user_id`,
      [userId, sealedSecret],
    );
    return rows.length > 0;
  }

  async confirm(userId: string): Promise<void> {
    await this.unitOfWork.manager.query('UPDATE totp_factors SET confirmed_at = now() WHERE user_id = $1', [userId]);
  }

  /** A right code: its step is spent and the counting of wrong ones starts over. */
  async succeeded(userId: string, step: number): Promise<void> {
    await this.unitOfWork.manager.query(
      'UPDATE totp_factors SET last_step = greatest(last_step, $2), failures = 0, blocked_until = NULL WHERE user_id = $1',
      [userId, step],
    );
  }

  /** A wrong code, whichever challenge it came with. */
  async failed(userId: string): Promise<void> {
    await this.unitOfWork.manager.query(
      `UPDATE totp_factors SET failures = failures + 1,
              blocked_until = CASE WHEN (failures + 1) % ${FREE_FAILURES} = 0 
                THEN now() + interval '${FIRST_WAIT}' * 2 ^ least((failures + 1) / ${FREE_FAILURES} - 1, ${MOST_DOUBLINGS})
                ELSE blocked_until END
        WHERE user_id = $1`,
      [userId],
    );
  }

  /** Takes TOTP and the recovery codes away, or only when it was switched on since a moment; false when there is nothing to take. */
  async remove(userId: string, since: Date | null = null): Promise<boolean> {
    const [, count] = await this.unitOfWork.manager.query<[unknown, number]>(
      'DELETE FROM totp_factors WHERE user_id = $1 AND ($2::timestamptz IS NULL OR confirmed_at >= $2)',
      [userId, since],
    );
    if (count > 0) await this.replaceCodes(userId, []);
    return count > 0;
  }

  /** Voids the recovery codes there are and keeps these. */
  async replaceCodes(userId: string, hashes: Buffer[]): Promise<void> {
    await this.unitOfWork.manager.query('DELETE FROM recovery_codes WHERE user_id = $1', [userId]);
    await this.unitOfWork.manager.query(
      'INSERT INTO recovery_codes (user_id, code_hash) SELECT $1, unnest($2::bytea[])',
      [userId, hashes],
    );
  }

  /** Uses a recovery code up; gives how many are left, and nothing when there is no such one. */
  async spendCode(userId: string, hash: Buffer): Promise<number | undefined> {
    const [rows] = await this.unitOfWork.manager.query<[{ remaining: number }[], number]>(
      `DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2
       RETURNING (SELECT count(*) - 1 FROM recovery_codes WHERE user_id = $1)::int AS remaining`,
      [userId, hash],
    );
    return rows[0]?.remaining;
  }
}
