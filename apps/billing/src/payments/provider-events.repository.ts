import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import type { ProviderEvent } from './payment-provider.js';

/** Tries before an event is left for a person, and the pause before each further one. */
const PAUSES = ['1 s', '5 s', '30 s', '2 min', '10 min', '1 hour', '6 hours', '1 day'];

interface EventRow {
  id: string;
  type: string;
  object_id: string;
  created_at: Date;
  payload: ProviderEvent;
}

@Injectable()
export class ProviderEventsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Keeps the event; false when it is there already. */
  async insert(event: ProviderEvent): Promise<boolean> {
    const rows = await this.unitOfWork.manager.query<unknown[]>(
      `INSERT INTO provider_events (id, type, object_id, payload, created_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (id) DO NOTHING RETURNING id`,
      [event.id, event.type, event.objectId, JSON.stringify(event, storable), event.createdAt],
    );
    return rows.length > 0;
  }

  /** Takes due events for one try; a worker that dies leaves them due again after the pause. */
  async claim(limit: number): Promise<ProviderEvent[]> {
    const [rows] = await this.unitOfWork.manager.query<[EventRow[], number]>(
      `UPDATE provider_events
          SET attempts = attempts + 1, next_attempt_at = now() + ($2::interval[])[least(attempts + 1, cardinality($2::interval[]))]
        WHERE id IN (SELECT id FROM provider_events
                      WHERE status = 'received' AND next_attempt_at <= now() AND attempts < cardinality($2::interval[])
                      ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING id, type, object_id, payload, created_at`,
      [limit, PAUSES],
    );
    return rows.map((row) => ({ ...row.payload, createdAt: row.created_at }));
  }

  async finish(id: string, status: 'done' | 'ignored'): Promise<void> {
    await this.unitOfWork.manager.query('UPDATE provider_events SET status = $2, last_error = NULL WHERE id = $1', [
      id,
      status,
    ]);
  }

  /** Leaves events whose last try died with its worker for a person; returns their ids. */
  async giveUp(): Promise<string[]> {
    const [rows] = await this.unitOfWork.manager.query<[{ id: string }[], number]>(
      `UPDATE provider_events SET status = 'dead', last_error = coalesce(last_error, 'the last try was never finished')
        WHERE status = 'received' AND next_attempt_at <= now() AND attempts >= $1 RETURNING id`,
      [PAUSES.length],
    );
    return rows.map(({ id }) => id);
  }

  /** Returns whether that was the last try. */
  async fail(id: string, error: string): Promise<boolean> {
    const [rows] = await this.unitOfWork.manager.query<[{ status: string }[], number]>(
      `UPDATE provider_events SET last_error = left($2, 1000), status = CASE WHEN attempts >= $3 THEN 'dead' ELSE status END
        WHERE id = $1 RETURNING status`,
      [id, error, PAUSES.length],
    );
    return rows[0]?.status === 'dead';
  }
}

/** Payers write into these messages, and PostgreSQL takes neither a NUL nor half a surrogate pair. */
function storable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('\0', '\uFFFD').replace(/\p{Surrogate}/gu, '\uFFFD') : value;
}
