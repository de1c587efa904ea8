import type { Client } from 'pg';
import { sqlClient } from '#libs/testing';
import type { AuthApp } from './auth-app.js';

/** Another transaction on the service's database, which a test moves on step by step. */
export class Rival {
  private constructor(
    private readonly auth: AuthApp,
    private readonly client: Client,
  ) {}

  static async begin(auth: AuthApp): Promise<Rival> {
    const client = sqlClient(auth.database.adminUrl);
    await client.connect();
    await client.query('BEGIN');
    return new Rival(auth, client);
  }

  async query(text: string, values: unknown[] = []): Promise<void> {
    await this.client.query(text, values);
  }

  async commit(): Promise<void> {
    await this.client.query('COMMIT');
  }

  async end(): Promise<void> {
    await this.client.end();
  }

  /** Resolves when so many of the service's transactions wait for a lock, or `answer` came without waiting. */
  async waiting(count: number, answer?: Promise<unknown>): Promise<void> {
    let answered = false;
    void answer?.then(() => (answered = true));
    await this.auth.eventually(async () => {
      const rows = await this.auth.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return answered || rows.length >= count ? true : undefined;
    });
  }
}
