import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { OutboxSignal } from './outbox.signal.js';

/** Which events are to be published again. */
export interface ReplayRequest {
  since: Date;
  until?: Date;
  /** Routing keys (`billing.topup.settled.v1`); all when absent. */
  names?: string[];
}

const BATCH = 1_000;

/** Publishes again what was published before, for a broker or a consumer that lost it. */
@Injectable()
export class OutboxReplayService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly signal: OutboxSignal,
  ) {}

  /**
   * Marks sent events as unsent, batch by batch, and returns how many; the relay does the rest. Ids stay the same, so consumers
   * that have them do nothing. Safe to repeat after an interruption.
   */
  async replay({ since, until = new Date(), names }: ReplayRequest): Promise<number> {
    let total = 0;
    for (let after = '0'; ;) {
      const last = await this.replayBatch(after, since, until, names);
      if (!last) return total;
      after = last.id;
      total += last.count;
      await this.signal.notify();
    }
  }

  private async replayBatch(
    after: string,
    since: Date,
    until: Date,
    names: string[] | undefined,
  ): Promise<{ id: string; count: number } | undefined> {
    const [rows] = await this.unitOfWork.manager.query<[{ id: string }[], number]>(
      `UPDATE outbox SET sent_at = NULL, retry_at = NULL, returns = 0
        WHERE id IN (SELECT id FROM outbox
                      WHERE id > $1 AND sent_at IS NOT NULL AND occurred_at BETWEEN $2 AND $3
                        AND ($4::text[] IS NULL OR routing_key = ANY($4))
                      ORDER BY id LIMIT ${BATCH})
        RETURNING id`,
      [after, since, until, names ?? null],
    );
    if (rows.length === 0) return undefined;
    const ids = rows.map((row) => Number(row.id));
    return { id: String(Math.max(...ids)), count: rows.length };
  }
}
