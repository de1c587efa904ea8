import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';

/** A try was counted, or must wait. */
export type Reservation = { allowed: true } | { allowed: false; retryAfterSeconds: number };

/** Failures in a row that cost nothing; each further one doubles the wait. */
const FREE_FAILURES = 10;
const FIRST_WAIT_SECONDS = 5;
const LONGEST_WAIT_SECONDS = 15 * 60;
/** NIST SP 800-63B allows no more than 100 failures in a row: from here on only a day's rest or a password reset helps. */
const MOST_FAILURES = 100;
const FORGOTTEN_AFTER = '24 hours';

@Injectable()
export class SignInFailuresRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Counts a try as failed before it is made, so that tries in parallel cannot slip past; a success takes it back. */
  async reserve(email: string): Promise<Reservation> {
    const identifier = hashOf(email);
    const rows = await this.unitOfWork.manager.query<unknown[]>(
      `INSERT INTO sign_in_failures AS f (identifier_hash, failures, last_failed_at) VALUES ($1, 1, now())
       ON CONFLICT (identifier_hash) DO UPDATE SET
         failures = CASE WHEN f.last_failed_at < now() - interval '${FORGOTTEN_AFTER}' THEN 1 ELSE f.failures + 1 END,
         last_failed_at = now(),
         blocked_until = CASE
           WHEN f.last_failed_at < now() - interval '${FORGOTTEN_AFTER}' OR f.failures + 1 < ${FREE_FAILURES} THEN NULL
           WHEN f.failures + 1 >= ${MOST_FAILURES} THEN now() + interval '${FORGOTTEN_AFTER}'
           ELSE now() + least(${FIRST_WAIT_SECONDS} * 2 ^ least(f.failures + 1 - ${FREE_FAILURES}, 10), ${LONGEST_WAIT_SECONDS}) * interval '1 second' END
       WHERE f.blocked_until IS NULL OR f.blocked_until <= now()
       RETURNING failures`,
      [identifier],
    );
    if (rows.length > 0) return { allowed: true };
    return { allowed: false, retryAfterSeconds: await this.secondsLeft(identifier) };
  }

  /** The real owner came in (or set a new password): the counting starts over. */
  async clear(email: string): Promise<void> {
    await this.unitOfWork.manager.query('DELETE FROM sign_in_failures WHERE identifier_hash = $1', [hashOf(email)]);
  }

  private async secondsLeft(identifier: Buffer): Promise<number> {
    const [row] = await this.unitOfWork.manager.query<{ seconds: number }[]>(
      'SELECT extract(epoch FROM blocked_until - now())::float8 AS seconds FROM sign_in_failures WHERE identifier_hash = $1',
      [identifier],
    );
    return Math.max(1, Math.ceil(row?.seconds ?? 1));
  }
}

/** The table holds no addresses: most of them would be of people who are not our users. */
function hashOf(email: string): Buffer {
  return createHash('sha256').update(email).digest();
}
