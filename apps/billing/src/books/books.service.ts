import { Injectable } from '@nestjs/common';
import { Client } from 'pg';
import { BillingConfig } from '../billing.config.js';
import { type Check, FIGURES, USER_CHECKS, WHOLE_CHECKS } from './checks.js';

/** Something that is wrong. */
export interface Fault {
  subject: string;
  fault: string;
}

/** What came of one check. */
export interface CheckResult {
  name: string;
  claim: string;
  /** At most a hundred; `faultCount` tells how many there are. */
  faults: Fault[];
  faultCount: number;
}

/** The state of the books at one moment. */
export interface BooksReport {
  ok: boolean;
  at: Date;
  checks: CheckResult[];
  /** Amounts in minor units, as text. */
  figures: Record<string, Record<string, string>>;
}

const SHOWN = 100;

/** Proves the books, on a connection of its own: a proof over everything takes longer than a request may. */
@Injectable()
export class BooksService {
  constructor(private readonly config: BillingConfig) {}

  /** Makes every check in one snapshot. */
  async verify(): Promise<BooksReport> {
    return this.inSnapshot(async (client) => {
      const checks: CheckResult[] = [];
      for (const check of [...WHOLE_CHECKS, ...USER_CHECKS]) checks.push(await run(client, check, null));
      const figures: BooksReport['figures'] = {};
      for (const { name, sql } of FIGURES) {
        const { rows } = await client.query<{ name: string; value: string }>(sql);
        figures[name] = Object.fromEntries(rows.map((row) => [row.name, row.value]));
      }
      return { ok: checks.every((check) => check.faultCount === 0), at: new Date(), checks, figures };
    });
  }

  /** Makes the checks that can be made user by user, for the users something was booked for since a moment. */
  async audit(since: Date, limit: number): Promise<CheckResult[]> {
    return this.inSnapshot(async (client) => {
      const { rows } = await client.query<{ user_id: string }>(
        'SELECT DISTINCT user_id FROM ledger_entries WHERE created_at >= $1 LIMIT $2',
        [since, limit],
      );
      const users = rows.map((row) => row.user_id);
      const results: CheckResult[] = [];
      for (const check of users.length > 0 ? USER_CHECKS : []) results.push(await run(client, check, users));
      return results;
    });
  }

  private async inSnapshot<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({
      connectionString: this.config.BILLING_DATABASE_URL,
      application_name: 'billing books',
      connectionTimeoutMillis: 5_000,
    });
    // A connection that is cut fails the query under way; unheard, the event would end the service.
    client.on('error', () => undefined);
    await client.connect();
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      return await work(client);
    } finally {
      await client.end();
    }
  }
}

async function run(client: Client, { name, claim, sql }: Check, users: string[] | null): Promise<CheckResult> {
  const { rows } = await client.query<Fault & { total: string }>(
    `SELECT subject::text, fault, count(*) OVER () AS total FROM (${sql}) faults LIMIT ${SHOWN}`,
    [users],
  );
  const faults = rows.map(({ subject, fault }) => ({ subject, fault }));
  return { name, claim, faults, faultCount: Number(rows[0]?.total ?? 0) };
}
