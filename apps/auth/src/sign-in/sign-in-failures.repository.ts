import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Batcher, UnitOfWork } from '#libs/database';
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

/** Addresses counted by one statement: what they lock stays locked for as long as all of them take. */
const TOGETHER = 16;

/**
 * Counts one more failure for each `identifier` of a relation; no row for an address that has to wait. What is known to wait is not even
 * locked, so that a flood of tries at one account writes nothing; of tries in parallel the lock decides.
 */
const reserve = (
  relation: string,
): string => `INSERT INTO sign_in_failures AS f (identifier_hash, failures, last_failed_at)
  SELECT identifier, 1, now() FROM ${relation}
   WHERE NOT EXISTS (SELECT FROM sign_in_failures waiting WHERE waiting.identifier_hash = identifier AND waiting.blocked_until > now())
  ON CONFLICT (identifier_hash) DO UPDATE SET
    failures = CASE WHEN f.last_failed_at < now() - interval '${FORGOTTEN_AFTER}' THEN 1 ELSE f.failures + 1 END,
    last_failed_at = now(),
    blocked_until = CASE
      WHEN f.last_failed_at < now() - interval '${FORGOTTEN_AFTER}' OR f.failures + 1 < ${FREE_FAILURES} THEN NULL
      WHEN f.failures + 1 >= ${MOST_FAILURES} THEN now() + interval '${FORGOTTEN_AFTER}'
      ELSE now() + least(${FIRST_WAIT_SECONDS} * 2 ^ least(f.failures + 1 - ${FREE_FAILURES}, 10), ${LONGEST_WAIT_SECONDS}) * interval '1 second' END
  WHERE f.blocked_until IS NULL OR f.blocked_until <= now()
  RETURNING f.identifier_hash`;

const RESERVE = reserve('(VALUES ($1::bytea)) AS asked (identifier)');

const FOUND = `SELECT ${USER_COLUMNS} FROM users WHERE users.deleted_at IS NULL`;

/** Reserves a try for each of the addresses $2, hashed in $1, that need not wait and are locked by nobody else; finds whom it is about. */
const RESERVE_FREE = `WITH free AS MATERIALIZED (
    SELECT identifier_hash FROM sign_in_failures
     WHERE identifier_hash = ANY ($1::bytea[]) AND (blocked_until IS NULL OR blocked_until <= now()) FOR UPDATE SKIP LOCKED),
  ready AS MATERIALIZED (
    SELECT asked.* FROM unnest($1::bytea[], $2::text[]) AS asked (identifier, address)
     WHERE identifier IN (SELECT identifier_hash FROM free)
        OR identifier NOT IN (SELECT identifier_hash FROM sign_in_failures WHERE identifier_hash = ANY ($1::bytea[]))),
  reserved AS (${reserve('ready')})
  SELECT ready.address, found.* FROM ready JOIN reserved ON reserved.identifier_hash = ready.identifier
    LEFT JOIN (${FOUND}) AS found ON found.email = ready.address`;

/** How long $1 has to wait; null when it does not. */
const SECONDS_LEFT =
  'SELECT extract(epoch FROM blocked_until - now())::float8 FROM sign_in_failures WHERE identifier_hash = $1 AND blocked_until > now()';

/** A try and whom it is about; nobody when the address is unknown. */
export interface ReservedTry {
  reservation: Reservation;
  user: User | undefined;
}

interface ReservedRow {
  allowed: boolean;
  seconds: number | null;
}

@Injectable()
export class SignInFailuresRepository {
  private readonly arriving = new Batcher<string, ReservedTry | undefined>(
    (emails) => this.reserveFree(emails),
    TOGETHER,
  );

  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Counts a try as failed before it is made, so that tries in parallel cannot slip past; a success takes it back. */
  async reserve(email: string): Promise<Reservation> {
    const identifier = identifierOf(email);
    const rows = await this.unitOfWork.manager.query<unknown[]>(RESERVE, [identifier]);
    if (rows.length > 0) return { allowed: true };
    return { allowed: false, retryAfterSeconds: atLeastOne(await this.secondsLeft(identifier)) };
  }

  /**
   * Reserves a try and reads whom it is about, in one statement: it takes as long for unknown addresses. Tries that come at the same time
   * share it.
   */
  async reserveAndFind(email: string): Promise<ReservedTry> {
    return (await this.arriving.run(email)) ?? this.reserveAndFindAlone(email);
  }

  /** One that is alone, comes twice, has to wait or meets a lock comes back undefined, to be looked at by itself. */
  private async reserveFree(emails: string[]): Promise<(ReservedTry | undefined)[]> {
    const addresses = [...new Set(emails)];
    if (addresses.length === 1) return emails.map(() => undefined);
    const rows = await this.unitOfWork.manager.query<({ address: string } & (UserRow | { id: null }))[]>(RESERVE_FREE, [
      addresses.map(identifierOf),
      addresses,
    ]);
    const tries = new Map(rows.map(({ address, ...found }) => [address, found]));
    return emails.map((email) => {
      const found = tries.get(email);
      tries.delete(email);
      return found && { reservation: { allowed: true }, user: found.id === null ? undefined : userOf(found) };
    });
  }

  private async reserveAndFindAlone(email: string): Promise<ReservedTry> {
    const identifier = identifierOf(email);
    const [row] = await this.unitOfWork.manager.query<(ReservedRow & (UserRow | { id: null }))[]>(
      `WITH reserved AS (${RESERVE})
       SELECT EXISTS (SELECT FROM reserved) AS allowed, (${SECONDS_LEFT}) AS seconds, found.*
         FROM (VALUES (1)) AS one
         LEFT JOIN (${FOUND} AND users.email = $2) AS found ON true`,
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
