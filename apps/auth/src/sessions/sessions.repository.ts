import { Injectable } from '@nestjs/common';
import { Batcher, UnitOfWork } from '#libs/database';
import type { RevocationReason } from '../revocations/revocations.service.js';
import { isBlocked, type User } from '../users/user.js';
import type { Client, Device } from './client.js';

/** Why a session ended. */
export type EndReason = RevocationReason;

/** A session about to be opened. */
export interface NewSession {
  id: string;
  userId: string;
  /** The user's epoch when the credentials were checked. */
  tokenEpoch: number;
  /** How the user proved who it is: `pwd`, `google`, `otp`. */
  methods: string[];
  client: Client;
  device: Device;
  deviceKey: Buffer;
  tokenHash: Buffer;
  /** Seconds the first refresh token lives. */
  refreshTtlSeconds: number;
  /** Whose failures to sign in, as they are counted, end with this session. */
  forgiven: Buffer | null;
}

/** A refresh token with its session and user, locked. */
export interface PresentedToken {
  sessionId: string;
  /** The session and its user. */
  live: boolean;
  /** The token itself. */
  expired: boolean;
  spentMsAgo: number | null;
  spentBy: Buffer | null;
  sealedAnswer: string | null;
  /** How the session was opened. */
  methods: string[];
  user: Pick<User, 'id' | 'roles' | 'emailVerified' | 'tokenEpoch'>;
}

/** However often it is refreshed, a session ends after this long. */
const ABSOLUTE_LIFE = '180 days';

/** Sessions opened by one statement: what they lock stays locked for as long as all of them take. */
const TOGETHER = 16;

/** What came of opening a session. */
export interface Opening {
  opened: boolean;
  newDevice: boolean;
}

/**
 * Opens the sessions of $1 whose users ($2) and counted failures ($3) nobody else has locked, and waits for none of the others. What is ready
 * is settled before the first is opened, for opening changes what could be looked at.
 */
const OPEN_FREE = `WITH free_users AS MATERIALIZED (
    SELECT id FROM users WHERE id = ANY ($2::uuid[]) FOR NO KEY UPDATE SKIP LOCKED),
  free_failures AS MATERIALIZED (
    SELECT identifier_hash FROM sign_in_failures WHERE identifier_hash = ANY ($3::bytea[]) FOR UPDATE SKIP LOCKED),
  held_failures AS MATERIALIZED (
    SELECT identifier_hash FROM sign_in_failures WHERE identifier_hash = ANY ($3::bytea[])
    EXCEPT ALL SELECT identifier_hash FROM free_failures),
  ready AS MATERIALIZED (
    SELECT asked.* FROM jsonb_to_recordset($1) AS asked (id uuid, user_id uuid, epoch integer, methods text[], device_key bytea,
           device_type text, browser text, os text, ip inet, token_hash bytea, ttl integer, forgiven bytea)
      JOIN free_users ON free_users.id = asked.user_id
     WHERE forgiven IS NULL OR forgiven NOT IN (SELECT identifier_hash FROM held_failures))
  SELECT ready.id, opening.opened, opening.new_device AS "newDevice"
    FROM ready, open_session(ready.id, user_id, epoch, '${ABSOLUTE_LIFE}', methods, device_key, device_type, browser, os, ip, token_hash,
         make_interval(secs => ttl), forgiven, false) AS opening`;

@Injectable()
export class SessionsRepository {
  private readonly opening = new Batcher<NewSession, Opening | undefined>(
    (sessions) => this.openFree(sessions),
    TOGETHER,
  );

  constructor(private readonly unitOfWork: UnitOfWork) {}

  /**
   * Adds a session with its first token, and forgets the failures before it. Nothing is added when the user was blocked, deleted or given
   * a new password since the credentials were checked (the epoch tells): neither field is true. Nor when the device is a new one of a user
   * who had others, and `announced` does not promise that this transaction says so: `newDevice` alone is true.
   * The user is locked first, as in every other use case. Outside a transaction, sessions that come at the same time share a statement.
   */
  async open(session: NewSession, announced: boolean): Promise<Opening> {
    const together = !announced && !this.unitOfWork.inTransaction;
    return (together ? await this.opening.run(session) : undefined) ?? this.openAlone(session, announced);
  }

  /** One that is alone, and whoever would have to wait for somebody, comes back undefined, to be opened by itself. */
  private async openFree(sessions: NewSession[]): Promise<(Opening | undefined)[]> {
    if (sessions.length === 1) return [undefined];
    const rows = await this.unitOfWork.manager.query<(Opening & { id: string })[]>(OPEN_FREE, [
      JSON.stringify(sessions.map(toRecord)),
      sessions.map(({ userId }) => userId),
      sessions.map(({ forgiven }) => forgiven).filter((forgiven) => forgiven !== null),
    ]);
    const openings = new Map(rows.map(({ id, opened, newDevice }) => [id, { opened, newDevice }]));
    return sessions.map(({ id }) => openings.get(id));
  }

  private async openAlone(session: NewSession, announced: boolean): Promise<Opening> {
    const { device } = session;
    const [row] = await this.unitOfWork.manager.query<Opening[]>(
      `SELECT opened, new_device AS "newDevice" FROM open_session($1, $2, $3, '${ABSOLUTE_LIFE}', $4, $5, $6, $7, $8, $9, $10,
         make_interval(secs => $11), $12, $13)`,
      [
        session.id,
        session.userId,
        session.tokenEpoch,
        session.methods,
        session.deviceKey,
        device.type,
        device.browser,
        device.os,
        session.client.ip,
        session.tokenHash,
        session.refreshTtlSeconds,
        session.forgiven,
        announced,
      ],
    );
    return row!;
  }

  /**
   * The token with its session and user, locked until the transaction ends: refreshes of one family stand in line, and a
   * revocation either waits for them or is seen by them. All three rows are needed, for what is not locked may be read as it was before
   * the wait: the session tells that it ended, the token that it was spent, the user the epoch. (What a late refresh gave would be void by
   * the list of revocations; the locks see to it that nothing is given.) The user is locked first, as in every other use case.
   */
  async present(tokenHash: Buffer): Promise<PresentedToken | undefined> {
    const [row] = await this.unitOfWork.manager.query<
      (Omit<PresentedToken, 'user'> &
        PresentedToken['user'] &
        Pick<User, 'blockedAt' | 'blockedUntil'> & { deleted: boolean })[]
    >(
      `SELECT s.id AS "sessionId", s.ended_at IS NULL AND s.expires_at > now() AS live, t.expires_at <= now() AS expired,
              (extract(epoch FROM clock_timestamp() - t.spent_at) * 1000)::float8 AS "spentMsAgo", t.spent_by AS "spentBy",
              t.sealed_answer AS "sealedAnswer", s.methods, u.id, u.roles, u.email_verified_at IS NOT NULL AS "emailVerified", u.token_epoch AS "tokenEpoch",
              u.blocked_at AS "blockedAt", u.blocked_until AS "blockedUntil", u.deleted_at IS NOT NULL AS deleted
         FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
        WHERE t.token_hash = $1
          FOR NO KEY UPDATE OF u FOR UPDATE OF s FOR UPDATE OF t`,
      [tokenHash],
    );
    if (!row) return undefined;
    const { sessionId, expired, spentMsAgo, spentBy, sealedAnswer, methods, id, roles, emailVerified, tokenEpoch } =
      row;
    const live = row.live && !row.deleted && !isBlocked(row);
    return {
      sessionId,
      live,
      expired,
      spentMsAgo,
      spentBy,
      sealedAnswer,
      methods,
      user: { id, roles, emailVerified, tokenEpoch },
    };
  }

  /** Spends a token and adds its successor; false when somebody else has spent it. */
  async rotate(
    spent: { tokenHash: Buffer; by: Buffer; sealedAnswer: string },
    successorHash: Buffer,
    ttlSeconds: number,
  ): Promise<boolean> {
    const rows = await this.unitOfWork.manager.query<unknown[]>(
      `WITH spent AS (
         UPDATE refresh_tokens SET spent_at = clock_timestamp(), spent_by = $2, sealed_answer = $3
          WHERE token_hash = $1 AND spent_at IS NULL RETURNING session_id),
       seen AS (UPDATE sessions SET last_seen_at = now() FROM spent WHERE id = spent.session_id)
       SELECT session_id FROM spent`,
      [spent.tokenHash, spent.by, spent.sealedAnswer],
    );
    const sessionId = (rows[0] as { session_id: string } | undefined)?.session_id;
    if (!sessionId) return false;
    await this.unitOfWork.manager.query(
      `INSERT INTO refresh_tokens (token_hash, session_id, expires_at) VALUES ($1, $2, now() + $3 * interval '1 second')`,
      [successorHash, sessionId, ttlSeconds],
    );
    return true;
  }

  /** Notes that the second factor was given. */
  async raise(sessionId: string): Promise<void> {
    await this.unitOfWork.manager.query(
      `UPDATE sessions SET authenticated_at = now(),
              methods = CASE WHEN 'otp' = ANY (methods) THEN methods ELSE methods || '{otp}' END
        WHERE id = $1 AND ended_at IS NULL`,
      [sessionId],
    );
  }

  /** Whether the session lives and its user gave proof within so many minutes. */
  async isFresh(sessionId: string, minutes: number): Promise<boolean> {
    const rows = await this.unitOfWork.manager.query<unknown[]>(
      `SELECT 1 FROM sessions WHERE id = $1 AND ended_at IS NULL AND authenticated_at > now() - $2 * interval '1 minute'`,
      [sessionId, minutes],
    );
    return rows.length > 0;
  }

  /** Ends a user's session; false when the user has no such live one. */
  async end(userId: string, sessionId: string, reason: EndReason): Promise<boolean> {
    const [, count] = await this.unitOfWork.manager.query<[unknown, number]>(
      'UPDATE sessions SET ended_at = now(), end_reason = $3 WHERE id = $2 AND user_id = $1 AND ended_at IS NULL',
      [userId, sessionId, reason],
    );
    return count > 0;
  }

  /** Ends every session of a user, but `except`; returns their ids. */
  async endAll(userId: string, reason: EndReason, except: string | null = null): Promise<string[]> {
    const [rows] = await this.unitOfWork.manager.query<[{ id: string }[], number]>(
      `UPDATE sessions SET ended_at = now(), end_reason = $2
        WHERE user_id = $1 AND ended_at IS NULL AND id IS DISTINCT FROM $3::uuid RETURNING id`,
      [userId, reason, except],
    );
    return rows.map(({ id }) => id);
  }

  /** The session a refresh token, spent or not, belongs to. */
  async ofToken(tokenHash: Buffer): Promise<{ id: string; userId: string } | undefined> {
    const [row] = await this.unitOfWork.manager.query<{ id: string; userId: string }[]>(
      `SELECT s.id, s.user_id AS "userId" FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id WHERE t.token_hash = $1`,
      [tokenHash],
    );
    return row;
  }
}

/** A session as PostgreSQL reads it from JSON. */
function toRecord(session: NewSession): object {
  const bytes = (value: Buffer): string => `\\x${value.toString('hex')}`;
  return {
    id: session.id,
    user_id: session.userId,
    epoch: session.tokenEpoch,
    methods: session.methods,
    device_key: bytes(session.deviceKey),
    device_type: session.device.type,
    browser: session.device.browser,
    os: session.device.os,
    ip: session.client.ip,
    token_hash: bytes(session.tokenHash),
    ttl: session.refreshTtlSeconds,
    forgiven: session.forgiven && bytes(session.forgiven),
  };
}
