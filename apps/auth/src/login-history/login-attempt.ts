import type { DeviceType } from '../sessions/client.js';

/** One attempt to sign in. */
export interface LoginAttempt {
  id: string;
  occurredAt: Date;
  deviceType: DeviceType;
  /** null: no such user. */
  userId: string | null;
  sessionId: string | null;
  method: 'password' | 'google';
  outcome: 'success' | 'refused' | 'challenged';
  ip: string | null;
  browser: string | null;
  os: string | null;
  userAgent: string | null;
  requestId: string | null;
}

/** Where a page of the history begins: after this row, newest first. */
export interface HistoryCursor {
  occurredAt: string;
  id: string;
}

/** What to show of a user's history. */
export interface HistoryFilter {
  userId: string;
  deviceType?: DeviceType | undefined;
  outcome?: LoginAttempt['outcome'] | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
  after?: HistoryCursor | undefined;
  limit: number;
}
