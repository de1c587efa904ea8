import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { formatRate, parseRate, type RatesPerUsd } from './rate.js';

/** An accepted, immutable set of rates. */
export interface RateSet {
  id: string;
  provider: string;
  publishedAt: Date;
  acceptedAt: Date;
  perUsd: RatesPerUsd;
}

/** Outcomes of a fetch; see the migration. */
export type FetchStatus = 'accepted' | 'unchanged' | 'quarantined' | 'rejected' | 'failed';

/** A fetch to be written down. */
export interface NewFetch {
  provider: string;
  status: FetchStatus;
  publishedAt?: Date;
  perUsd?: RatesPerUsd;
  fault?: string;
  raw?: string;
}

/** The price of points from a moment on. */
export interface PointPrice {
  id: string;
  pointsPerUsd: bigint;
  effectiveFrom: Date;
}

/** An answer of a source as it was kept. */
export interface KeptFetch {
  id: string;
  provider: string;
  status: FetchStatus;
  fetchedAt: Date;
  publishedAt: Date | null;
  /** Units per USD, decimal text. */
  rates: Record<string, string> | null;
  fault: string | null;
  decidedBy: string | null;
}

interface FetchRow {
  id: string;
  provider: string;
  status: FetchStatus;
  fetched_at: Date;
  published_at: Date | null;
  rates: Record<string, string> | null;
  fault: string | null;
  decided_by: string | null;
}

interface SetRow {
  id: string;
  provider: string;
  published_at: Date;
  accepted_at: Date;
  rates: Record<string, string>;
}

const MAX_RAW = 100_000;

@Injectable()
export class RatesRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async latest(): Promise<RateSet | undefined> {
    const [row] = await this.unitOfWork.manager.query<SetRow[]>(
      `SELECT s.id, s.provider, s.published_at, s.accepted_at,
              (SELECT jsonb_object_agg(r.currency, r.per_usd::text) FROM rate_set_rates r WHERE r.rate_set_id = s.id) AS rates
         FROM rate_sets s ORDER BY s.accepted_at DESC LIMIT 1`,
    );
    if (!row) return undefined;
    const perUsd = Object.fromEntries(Object.entries(row.rates).map(([code, text]) => [code, parseRate(text)!]));
    return {
      id: row.id,
      provider: row.provider,
      publishedAt: row.published_at,
      acceptedAt: row.accepted_at,
      perUsd,
    };
  }

  /** Writes a fetch down whatever became of it, and the set it brought when it was accepted. */
  async keep(fetch: NewFetch): Promise<KeptFetch> {
    const rates = fetch.perUsd && mapRates(fetch.perUsd);
    return this.unitOfWork.run(async () => {
      const [row] = await this.unitOfWork.manager.query<FetchRow[]>(
        `INSERT INTO rate_fetches (provider, status, published_at, rates, fault, raw_sha256, raw)
         VALUES ($1, $2, $3, $4, left($5, 500), $6, $7)
         RETURNING id, provider, status, fetched_at, published_at, rates, fault, decided_by`,
        [
          fetch.provider,
          fetch.status,
          fetch.publishedAt ?? null,
          rates ? JSON.stringify(rates) : null,
          fetch.fault ?? null,
          fetch.raw === undefined ? null : createHash('sha256').update(fetch.raw).digest(),
          // Text columns take no NUL, which a truncated answer in another encoding may hold.
          fetch.status === 'unchanged' ? null : (fetch.raw?.replaceAll('\0', '').slice(0, MAX_RAW) ?? null),
        ],
      );
      if (fetch.status === 'accepted') {
        await this.lockSets();
        await this.accept(row!.id, fetch.provider, fetch.publishedAt!, rates!);
      }
      return toFetch(row!);
    });
  }

  /** Nobody else accepts rates until the ambient transaction ends. */
  async lockSets(): Promise<void> {
    const { manager } = this.unitOfWork.requireTransaction();
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('rate sets', 0))`);
  }

  /** Makes a fetch the newest set; needs the lock. */
  async accept(fetchId: string, provider: string, publishedAt: Date, rates: Record<string, string>): Promise<string> {
    const id = uuidv7();
    const { manager } = this.unitOfWork.requireTransaction();
    // clock_timestamp(), not now(): a transaction that waited for the lock comes after the one it waited for.
    await manager.query(
      `INSERT INTO rate_sets (id, fetch_id, provider, published_at, accepted_at) VALUES ($1, $2, $3, $4, clock_timestamp())`,
      [id, fetchId, provider, publishedAt],
    );
    await manager.query(
      `INSERT INTO rate_set_rates (rate_set_id, currency, per_usd)
       SELECT $1, key, value::numeric FROM jsonb_each_text($2)`,
      [id, JSON.stringify(rates)],
    );
    return id;
  }

  /** The newest answers first. */
  async fetches(status: string | undefined, limit: number): Promise<KeptFetch[]> {
    const rows = await this.unitOfWork.manager.query<FetchRow[]>(
      `SELECT id, provider, status, fetched_at, published_at, rates, fault, decided_by FROM rate_fetches
        WHERE $1::text IS NULL OR status = $1 ORDER BY id DESC LIMIT $2`,
      [status ?? null, limit],
    );
    return rows.map(toFetch);
  }

  /** Takes rates out of quarantine; undefined when they are not in it. */
  async decide(id: string, status: 'accepted' | 'rejected', decidedBy: string): Promise<KeptFetch | undefined> {
    const { manager } = this.unitOfWork.requireTransaction();
    const [rows] = await manager.query<[FetchRow[], number]>(
      `UPDATE rate_fetches SET status = $2, decided_by = $3 WHERE id = $1 AND status = 'quarantined'
        RETURNING id, provider, status, fetched_at, published_at, rates, fault, decided_by`,
      [id, status, decidedBy],
    );
    return rows[0] && toFetch(rows[0]);
  }

  async addPointPrice(pointsPerUsd: bigint, effectiveFrom: Date, setBy: string, reason: string): Promise<PointPrice> {
    const [row] = await this.unitOfWork.manager.query<{ id: string }[]>(
      'INSERT INTO point_prices (points_per_usd, effective_from, set_by, reason) VALUES ($1, $2, $3, $4) RETURNING id',
      [formatRate(pointsPerUsd), effectiveFrom, setBy, reason],
    );
    return { id: row!.id, pointsPerUsd, effectiveFrom };
  }

  /** The price of points in force at a moment. */
  async pointPrice(at: Date): Promise<PointPrice | undefined> {
    const [row] = await this.unitOfWork.manager.query<{ id: string; points_per_usd: string; effective_from: Date }[]>(
      `SELECT id, points_per_usd::text, effective_from FROM point_prices
        WHERE effective_from <= $1 ORDER BY effective_from DESC, id DESC LIMIT 1`,
      [at],
    );
    return row && { id: row.id, pointsPerUsd: parseRate(row.points_per_usd)!, effectiveFrom: row.effective_from };
  }
}

function toFetch(row: FetchRow): KeptFetch {
  return {
    id: row.id,
    provider: row.provider,
    status: row.status,
    fetchedAt: row.fetched_at,
    publishedAt: row.published_at,
    rates: row.rates,
    fault: row.fault,
    decidedBy: row.decided_by,
  };
}

function mapRates(perUsd: RatesPerUsd): Record<string, string> {
  return Object.fromEntries(Object.entries(perUsd).map(([code, rate]) => [code, formatRate(rate)]));
}
