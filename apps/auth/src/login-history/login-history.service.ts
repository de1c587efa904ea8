import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import { Counter, requestContext } from '#libs/telemetry';
import { type Client, type Device, deviceOf } from '../sessions/client.js';
import { historyWindows } from './history-windows.js';
import type { HistoryFilter, LoginAttempt } from './login-attempt.js';
import { type HistoryRow, LoginHistoryRepository } from './login-history.repository.js';

/** What is known when an attempt ends. */
export interface AttemptResult {
  userId: string | null;
  sessionId?: string;
  method: LoginAttempt['method'];
  outcome: LoginAttempt['outcome'];
  client: Client;
  device?: Device;
}

/** Attempts that wait at most; what comes beyond is counted and dropped rather than held in memory without bound. */
const BUFFER = 10_000;
const BATCH = 500;
/** How long attempts wait for others to be written with, in one statement and one commit. */
const GATHER_MS = 200;
/** How long to leave the table alone after a failed write. */
const PAUSE_MS = 1_000;
const MAX_USER_AGENT = 512;

const dropped = new Counter({
  name: 'auth_login_history_dropped_total',
  help: 'Sign-in attempts that could not be written down',
});

@Injectable()
export class LoginHistoryService implements OnModuleDestroy {
  private readonly logger = new Logger(LoginHistoryService.name);
  private waiting: LoginAttempt[] = [];
  private writing: Promise<void> | undefined;
  private pause: { over: () => void } | undefined;
  private stopping = false;

  constructor(private readonly repository: LoginHistoryRepository) {}

  /** Notes an attempt and returns at once; it is written on the side. */
  record(result: AttemptResult): void {
    if (this.waiting.length >= BUFFER) {
      dropped.inc();
      return;
    }
    const device = result.device ?? deviceOf(result.client.userAgent);
    this.waiting.push({
      id: uuidv7(),
      occurredAt: new Date(),
      deviceType: device.type,
      userId: result.userId,
      sessionId: result.sessionId ?? null,
      method: result.method,
      outcome: result.outcome,
      ip: result.client.ip,
      browser: device.browser,
      os: device.os,
      userAgent: result.client.userAgent.replaceAll('\u0000', '').slice(0, MAX_USER_AGENT) || null,
      requestId: requestContext.requestId() ?? null,
    });
    this.write();
  }

  /** A page of a user's attempts, newest first; looks back only as far as it must to fill it. */
  async page(filter: HistoryFilter): Promise<HistoryRow[]> {
    const rows: HistoryRow[] = [];
    // A cursor is a place to the microsecond, a Date to the millisecond: one more, so that nothing at the edge is lost.
    const to = filter.after ? new Date(Date.parse(filter.after.occurredAt) + 1) : filter.to;
    for (const window of historyWindows({ ...(filter.from && { from: filter.from }), ...(to && { to }) }, new Date())) {
      rows.push(...(await this.repository.page({ ...filter, ...window, limit: filter.limit - rows.length })));
      if (rows.length >= filter.limit) break;
    }
    return rows;
  }

  /** Resolves when everything noted so far is written, or given up at shutdown. */
  async settled(): Promise<void> {
    while (this.writing) await this.writing;
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping = true;
    this.pause?.over();
    await this.settled();
    if (this.waiting.length > 0) dropped.inc(this.waiting.length);
  }

  private write(): void {
    this.writing ??= this.writeAll().finally(() => {
      this.writing = undefined;
      if (this.waiting.length > 0 && !this.stopping) this.write();
    });
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      if (this.waiting.length < BATCH && !this.stopping) await this.rest(GATHER_MS);
      const batch = this.waiting.slice(0, BATCH);
      try {
        await this.repository.insert(batch);
        this.waiting = this.waiting.slice(batch.length);
      } catch (error) {
        this.logger.warn(`The login history is not written: ${(error as Error).message}`);
        if (this.stopping) return;
        await this.rest(PAUSE_MS);
      }
    }
  }

  /** Cut short at shutdown. */
  private rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        clearTimeout(timer);
        this.pause = undefined;
        resolve();
      };
      const timer = setTimeout(over, ms);
      this.pause = { over };
    });
  }
}
