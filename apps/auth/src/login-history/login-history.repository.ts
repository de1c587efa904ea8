import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import type { HistoryFilter, LoginAttempt } from './login-attempt.js';

/** A row of the history; the time with microseconds, as text, so that a cursor made of it loses nothing. */
export type HistoryRow = Omit<LoginAttempt, 'occurredAt'> & { occurredAt: string };

const COLUMNS = [
  'id',
  'occurred_at',
  'device_type',
  'user_id',
  'session_id',
  'method',
  'outcome',
  'ip',
  'browser',
  'os',
  'user_agent',
  'request_id',
];

@Injectable()
export class LoginHistoryRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Writes a batch in one statement. An attempt that was written before is left alone. */
  async insert(attempts: readonly LoginAttempt[]): Promise<void> {
    const lists = COLUMNS.map((_, column) => attempts.map((attempt) => valuesOf(attempt)[column]));
    const types = [
      'uuid',
      'timestamptz',
      'text',
      'uuid',
      'uuid',
      'text',
      'text',
      'inet',
      'text',
      'text',
      'text',
      'text',
    ];
    const unnested = types.map((type, index) => `$${index + 1}::${type}[]`).join(', ');
    await this.unitOfWork.manager.query(
      `INSERT INTO login_history (${COLUMNS.join(', ')}) SELECT * FROM unnest(${unnested}) ON CONFLICT DO NOTHING`,
      lists,
    );
  }

  /** A page, newest first. Conditions on time and device type let PostgreSQL leave the other partitions alone. */
  async page(filter: HistoryFilter): Promise<HistoryRow[]> {
    const values: unknown[] = [filter.userId, filter.limit];
    const bind = (value: unknown): string => `$${values.push(value)}`;
    const conditions = ['user_id = $1'];
    if (filter.deviceType) conditions.push(`device_type = ${bind(filter.deviceType)}`);
    if (filter.outcome) conditions.push(`outcome = ${bind(filter.outcome)}`);
    if (filter.from) conditions.push(`occurred_at >= ${bind(filter.from)}`);
    if (filter.to) conditions.push(`occurred_at < ${bind(filter.to)}`);
    if (filter.after) {
      const { occurredAt, id } = filter.after;
      const at = bind(occurredAt);
      conditions.push(
        `occurred_at <= ${at}::timestamptz AND (occurred_at, id) < (${at}::timestamptz, ${bind(id)}::uuid)`,
      );
    }
    return this.unitOfWork.manager.query<HistoryRow[]>(
      `SELECT id, to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "occurredAt", device_type AS "deviceType",
              user_id AS "userId", session_id AS "sessionId", method, outcome, host(ip) AS ip, browser, os, user_agent AS "userAgent",
              request_id AS "requestId"
         FROM login_history WHERE ${conditions.join(' AND ')}
        ORDER BY occurred_at DESC, id DESC LIMIT $2`,
      values,
    );
  }
}

function valuesOf(attempt: LoginAttempt): unknown[] {
  const { id, occurredAt, deviceType, userId, sessionId, method, outcome, ip, browser, os, userAgent, requestId } =
    attempt;
  return [id, occurredAt, deviceType, userId, sessionId, method, outcome, ip, browser, os, userAgent, requestId];
}
