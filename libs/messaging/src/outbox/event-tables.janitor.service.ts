import { Inject, Injectable, Logger } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { MESSAGING, type ResolvedMessaging } from '../messaging.options.js';

const HOUR_MS = 3_600_000;
const BATCH = 1_000;

/** Removes sent outbox rows and old inbox rows, a few at a time, once an hour. */
@Injectable()
export class EventTablesJanitorService {
  private readonly logger = new Logger('Events');
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(MESSAGING) private readonly messaging: ResolvedMessaging,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.cleanUp().catch((error: unknown) => this.logger.warn(error)), HOUR_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /**
   * Removes outbox rows sent longer ago than they can be replayed, and inbox rows older than twice that: an id must be known for as
   * long as its event may come again. Returns how many rows went.
   */
  async cleanUp(): Promise<{ outbox: number; inbox: number }> {
    const days = this.messaging.retentionDays;
    return {
      outbox: await this.removeAll(
        `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE sent_at < now() - $1 * interval '1 day'
           AND occurred_at < now() - $1 * interval '1 day' LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
        days,
      ),
      inbox: await this.removeAll(
        `DELETE FROM inbox WHERE (consumer, message_id) IN (SELECT consumer, message_id FROM inbox
           WHERE consumed_at < now() - $1 * interval '1 day' LIMIT ${BATCH})`,
        days * 2,
      ),
    };
  }

  private async removeAll(statement: string, days: number): Promise<number> {
    for (let total = 0; ;) {
      const [, removed] = await this.unitOfWork.manager.query<[unknown[], number]>(statement, [days]);
      total += removed;
      if (removed < BATCH) return total;
    }
  }
}
