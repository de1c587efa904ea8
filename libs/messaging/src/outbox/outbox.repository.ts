import { Injectable } from '@nestjs/common';
import type { Envelope } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';

/** An event on its way into the outbox. */
export interface OutboxMessage {
  routingKey: string;
  envelope: Envelope;
  /** The envelope as it travels. */
  body: string;
}

/** A row the relay has claimed. */
export interface OutboxRow {
  id: string;
  message_id: string;
  routing_key: string;
  body: string;
  returns: number;
}

@Injectable()
export class OutboxRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async insert({ routingKey, envelope, body }: OutboxMessage): Promise<void> {
    const { id, aggregateId, aggregateVersion, traceparent, occurredAt } = envelope;
    await this.unitOfWork.manager.query(
      `INSERT INTO outbox (message_id, routing_key, aggregate_id, aggregate_version, envelope, traceparent, occurred_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [id, routingKey, aggregateId, aggregateVersion, body, traceparent ?? null, occurredAt],
    );
  }

  /**
   * Locks the next due rows for the ambient transaction, skipping those another relay holds. A row is left for later when an
   * older row of its aggregate is unsent and not in this claim, so that order within an aggregate is kept. No watermark:
   * ids are given before commit, and a late committer's lower id would be skipped for ever.
   */
  async claim(limit: number): Promise<{ rows: OutboxRow[]; locked: number }> {
    // Walking the index of unsent rows is right however full or freshly filled the table is; the planner's statistics, often
    // older than the backlog, can make it read and sort everything instead.
    // The transaction only marks what was sent, so it need not wait for the disk: a mark that a crash loses means that an event is
    // sent again, and the inboxes know it.
    await this.unitOfWork.manager.query(
      `SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true),
              set_config('synchronous_commit', 'off', true)`,
    );
    const result = await this.unitOfWork.manager.query<(OutboxRow & { behind: boolean })[]>(
      `WITH claim AS MATERIALIZED (
         SELECT id, message_id, routing_key, aggregate_id, envelope, returns
           FROM outbox
          WHERE sent_at IS NULL AND (retry_at IS NULL OR retry_at <= now())
          ORDER BY id LIMIT $1
            FOR UPDATE SKIP LOCKED)
       SELECT id, message_id, routing_key, envelope::text AS body, returns,
              EXISTS (SELECT 1 FROM outbox older
                       WHERE older.sent_at IS NULL AND older.retry_at IS NULL
                         AND older.aggregate_id = claim.aggregate_id AND older.id < claim.id
                         AND NOT EXISTS (SELECT 1 FROM claim own WHERE own.id = older.id)) AS behind
         FROM claim`,
      [limit],
    );
    const rows = result.filter((row) => !row.behind).sort((a, b) => Number(a.id) - Number(b.id));
    return { rows, locked: result.length };
  }

  async markSent(ids: string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.unitOfWork.manager.query('UPDATE outbox SET sent_at = now() WHERE id = ANY($1::bigint[])', [ids]);
  }

  /** No queue wanted these: they are tried again after a pause that doubles up to five minutes, and hold up nobody meanwhile. */
  async postpone(ids: string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.unitOfWork.manager.query(
      `UPDATE outbox SET returns = returns + 1, retry_at = now() + least(2 ^ least(returns, 10), 300) * interval '1 second'
        WHERE id = ANY($1::bigint[])`,
      [ids],
    );
  }

  /** Seconds the oldest due row has been waiting, and how many rows no queue wanted. */
  async backlog(): Promise<{ lagSeconds: number; unroutable: number }> {
    const [row] = await this.unitOfWork.manager.query<{ lag: string; unroutable: string }[]>(
      `SELECT coalesce(extract(epoch FROM now() - (SELECT occurred_at FROM outbox
                WHERE sent_at IS NULL AND retry_at IS NULL ORDER BY id LIMIT 1)), 0) AS lag,
              (SELECT count(*) FROM outbox WHERE sent_at IS NULL AND retry_at IS NOT NULL) AS unroutable`,
    );
    return { lagSeconds: Math.max(0, Number(row?.lag ?? 0)), unroutable: Number(row?.unroutable ?? 0) };
  }
}
