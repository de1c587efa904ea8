import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { UnitOfWork } from '#libs/database';

const CHANNEL = 'outbox';
const RECONNECT_MS = 2_000;

/** Tells relays in other processes that there are rows, over PostgreSQL's LISTEN and NOTIFY; polling covers what gets lost. */
@Injectable()
export class OutboxSignal {
  private readonly logger = new Logger(OutboxSignal.name);
  private readonly stopped = new AbortController();
  private client: Client | undefined;
  private listening: Promise<void> | undefined;
  private notifying = false;
  private again = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Calls back at every signal, on a connection of its own that comes back when lost. */
  listen(onSignal: () => void): void {
    this.listening = this.keepListening(onSignal);
  }

  /**
   * Signals once for any number of calls that come while a signal is under way. Never inside the business transaction: a
   * commit that notifies takes a lock on the whole database.
   */
  async notify(): Promise<void> {
    this.again = true;
    if (this.notifying) return;
    this.notifying = true;
    try {
      while (this.again) {
        this.again = false;
        await this.unitOfWork.manager.query('SELECT pg_notify($1, $2)', [CHANNEL, '']);
      }
    } finally {
      this.notifying = false;
    }
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.client?.end().catch(() => undefined);
    await this.listening;
  }

  private async keepListening(onSignal: () => void): Promise<void> {
    while (!this.stopped.signal.aborted) {
      try {
        await this.listenOnce(onSignal);
      } catch (error) {
        if (!this.stopped.signal.aborted) this.logger.warn(`Not listening, polling only: ${(error as Error).message}`);
      }
      await delay(RECONNECT_MS, undefined, { signal: this.stopped.signal }).catch(() => undefined);
    }
  }

  /** Resolves when the connection has ended. */
  private async listenOnce(onSignal: () => void): Promise<void> {
    const { url } = this.dataSource.options as { url?: string };
    const client = new Client({
      connectionString: url,
      application_name: 'outbox listener',
      connectionTimeoutMillis: 2_000,
      keepAlive: true,
    });
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    client.on('error', (error) => this.logger.warn(error.message));
    client.on('notification', onSignal);
    this.client = client;
    await client.connect();
    await client.query(`LISTEN ${CHANNEL}`);
    // Rows may have been announced before we listened.
    onSignal();
    await ended;
  }
}
