import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import type { User } from '../users/user.js';
import { USER_COLUMNS, type UserRow, userOf } from '../users/users.repository.js';
import { FREE_FAILURES } from './sign-in.errors.js';

/** A try was counted, or must wait. */
export type Reservation = { allowed: true } | { allowed: false; retryAfterSeconds: number };

const FIRST_WAIT_SECONDS = 5;
const LONGEST_WAIT_SECONDS = 15 * 60;
/** NIST SP 800-63B allows no more than 100 failures in a row: from here on only a day's rest or a password reset helps. */
const MOST_FAILURES = 100;
const FORGOTTEN_AFTER = '24 hours';

/**
 * Counts one more failure for $1; no row when the address has to wait. What is known to wait is not even locked, so that a flood of
 * tries at one account writes nothing; of tries in parallel the lock decides.
 */
const RESERVE = `INSERT INTO sign_in_failures AS f (identifier_hash, failures, last_failed_at)
  SELECT $1::bytea, 1, now()
   WHERE NOT EXISTS (SELECT FROM sign_in_failures waiting WHERE waiting.identifier_hash = $1 AND waiting.blocked_until > now())
  ON CONFLICT (identifier_hash) DO UPDATE SET
    failures = CASE WHEN f.last_failed_at < now() - interval '${FORGOTTEN_AFTER}' THEN 1 ELSE f.failures + 1 END,
    last_failed_at = now(),
    blocked_until = CASE
      WHEN f.last_failed_at < now() - interval '${FORGOTTEN_AFTER}' OR f.failures + 1 < ${FREE_FAILURES} THEN NULL
      WHEN f.failures + 1 >= ${MOST_FAILURES} THEN now() + interval '${FORGOTTEN_AFTER}'
      ELSE now() + least(${FIRST_WAIT_SECONDS} * 2 ^ least(f.failures + 1 - ${FREE_FAILURES}, 10), ${LONGEST_WAIT_SECONDS}) * interval '1 second' END
  WHERE f.blocked_until IS NULL OR f.blocked_until <= now()
  RETURNING failures`;

/** How long $1 has to wait; null when it does not. */
const SECONDS_LEFT =
  'SELECT extract(epoch FROM blocked_until - now())::float8 FROM sign_in_failures WHERE identifier_hash = $1 AND blocked_until > now()';

interface ReservedRow {
  allowed: boolean;
  seconds: number | null;
}

@Injectable()
export class SignInFailuresRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Counts a try as failed before it is made, so that tries in parallel cannot slip past; a success takes it back. */
  async reserve(email: string): Promise<Reservation> {
    const identifier = identifierOf(email);
    const rows = await this.unitOfWork.manager.query<unknown[]>(RESERVE, [identifier]);
    if (rows.length > 0) return { allowed: true };
    return { allowed: false, retryAfterSeconds: atLeastOne(await this.secondsLeft(identifier)) };
  }

  /** Reserves a try and reads whom it is about, in one statement: it takes as long for unknown addresses. */
  async reserveAndFind(email: string): Promise<{ reservation: Reservation; user: User | undefined }> {
    const identifier = identifierOf(email);
    const [row] = await this.unitOfWork.manager.query<(ReservedRow & (UserRow | { id: null }))[]>(
      `WITH reserved AS (${RESERVE})
       SELECT EXISTS (SELECT FROM reserved) AS allowed, (${SECONDS_LEFT}) AS seconds, found.*
         FROM (VALUES (1)) AS one
         LEFT JOIN (SELECT ${USER_COLUMNS} FROM users WHERE users.email = $2 AND users.deleted_at IS NULL) AS found ON true`,
      [identifier, email],
    );
    const { allowed, seconds, ...found } = row!;
    const user = found.id === null ? undefined : userOf(found);
    if (allowed) return { reservation: { allowed }, user };
    // The statement sees the table as it was when it began: a block of the same moment is not in it yet.
    const retryAfterSeconds = atLeastOne(seconds ?? (await this.secondsLeft(identifier)));
    return { reservation: { allowed, retryAfterSeconds }, user };
  }

  /** The real owner set a new password: the counting starts over. */
  async clear(email: string): Promise<void> {
    await this.unitOfWork.manager.query('DELETE FROM sign_in_failures WHERE identifier_hash = $1', [
      identifierOf(email),
    ]);
  }

  private async secondsLeft(identifier: Buffer): Promise<number | null> {
    const [row] = await this.unitOfWork.manager.query<Pick<ReservedRow, 'seconds'>[]>(
      `SELECT (${SECONDS_LEFT}) AS seconds`,
      [identifier],
    );
    return row!.seconds;
  }
}

function atLeastOne(seconds: number | null): number {
  return Math.max(1, Math.ceil(seconds ?? 1));
}

/** What failures are counted by. The table holds no addresses: most of them would be of people who are not our users. */
export function identifierOf(email: string): Buffer {
  return createHash('sha256').update(email).digest();
}
