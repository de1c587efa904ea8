import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type INestApplication, type Type } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import type pg from 'pg';
import { type ContractClass, TopUpSettledV1 } from '#libs/contracts';
import { DatabaseModule, outboxTablesUpV1, UnitOfWork } from '#libs/database';
import { EventsServer, MessagingModule, type MessagingSettings, Outbox } from '#libs/messaging';
import { sqlPool, testNamespace, testStores } from '#libs/testing';

/** A database, a namespace on the broker, and what a test needs to look into both. */
export class EventsLab {
  readonly namespace = testNamespace();
  readonly rabbitUrl: string;
  private readonly apps: INestApplication[] = [];
  private readonly declared = new Set(['events']);
  private broker: ChannelModel | undefined;

  private constructor(
    readonly databaseUrl: string,
    readonly sql: pg.Pool,
    private readonly admin: pg.Pool,
    rabbitUrl: string,
  ) {
    this.rabbitUrl = rabbitUrl;
  }

  static async open(
    rabbitUrl: string = testStores().TEST_RABBITMQ_URL,
    postgresUrl: string = testStores().TEST_POSTGRES_URL,
  ): Promise<EventsLab> {
    const admin = sqlPool(postgresUrl, 1);
    const name = `events_${randomUUID().slice(0, 8)}`;
    await admin.query(`CREATE DATABASE ${name}`);
    const url = new URL(postgresUrl);
    url.pathname = `/${name}`;
    const sql = sqlPool(url.toString(), 4);
    for (const statement of outboxTablesUpV1('CURRENT_USER')) await sql.query(statement);
    await sql.query(
      'CREATE TABLE effects (n bigserial PRIMARY KEY, message_id uuid NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp())',
    );
    return new EventsLab(url.toString(), sql, admin, rabbitUrl);
  }

  /** Starts an app that may publish and consume `TopUpSettledV1`, with the given controllers. */
  async start(options: {
    controllers?: Type[];
    consumes?: Record<string, ContractClass[]>;
    publishes?: ContractClass[];
    settings?: Partial<MessagingSettings>;
    inbox?: 'postgres' | 'mongo';
    logger?: false;
  }): Promise<INestApplication> {
    const retryDelaysMs = options.settings?.retryDelaysMs ?? [100, 200];
    for (const delayMs of retryDelaysMs) this.declared.add(`events.retry.${delayMs}`);
    for (const consumer of Object.keys(options.consumes ?? {}))
      for (const suffix of ['', '.dead', '.quarantine']) this.declared.add(`${consumer}${suffix}`);
    const module = await Test.createTestingModule({
      imports: [
        DatabaseModule.forRoot({ url: this.databaseUrl, entities: [], applicationName: 'events lab', poolSize: 10 }),
        MessagingModule.forRootAsync({
          app: 'billing',
          consumes: options.consumes ?? {},
          publishes: options.publishes ?? [TopUpSettledV1],
          inbox: options.inbox ?? 'postgres',
          outbox: true,
          useFactory: () => ({
            urls: [this.rabbitUrl],
            namespace: this.namespace,
            retryDelaysMs,
            outboxPollMs: 200,
            ...options.settings,
          }),
        }),
      ],
      controllers: options.controllers ?? [],
    }).compile();
    const app = module.createNestApplication(new FastifyAdapter(), { logger: options.logger ?? ['error', 'warn'] });
    app.connectMicroservice({ strategy: app.get(EventsServer) });
    this.apps.push(app);
    await app.startAllMicroservices();
    await app.init();
    return app;
  }

  /** Publishes through the app's outbox, each event in a transaction of its own, and returns the message ids. */
  async publish(
    app: INestApplication,
    count: number,
    change: (index: number) => Partial<TopUpSettledV1> = () => ({}),
  ): Promise<string[]> {
    const unitOfWork = app.get(UnitOfWork);
    const outbox = app.get(Outbox);
    const ids: string[] = [];
    for (let index = 0; index < count; index++) {
      ids.push(
        await unitOfWork.run(() =>
          outbox.add(topUp(change(index)), { aggregateId: randomUUID(), aggregateVersion: 1 }),
        ),
      );
    }
    return ids;
  }

  async effects(): Promise<string[]> {
    const { rows } = await this.sql.query<{ message_id: string }>('SELECT message_id FROM effects ORDER BY n');
    return rows.map((row) => row.message_id);
  }

  async count(table: string, condition = 'true'): Promise<number> {
    const { rows } = await this.sql.query<{ n: string }>(`SELECT count(*) AS n FROM ${table} WHERE ${condition}`);
    return Number(rows[0]?.n);
  }

  async channel(): Promise<ConfirmChannel> {
    this.broker ??= await connect(this.rabbitUrl);
    this.broker.on('error', () => undefined);
    const channel = await this.broker.createConfirmChannel();
    channel.on('error', () => undefined);
    return channel;
  }

  async depth(queue: string): Promise<number> {
    const channel = await this.channel();
    const { messageCount } = await channel.checkQueue(`${this.namespace}${queue}`);
    await channel.close();
    return messageCount;
  }

  /** Everything a namespace declares; a broker shared by many test files would fill up. */
  private async removeFromBroker(): Promise<void> {
    const channel = await this.channel();
    for (const name of this.declared) {
      await channel.deleteQueue(`${this.namespace}${name}`);
      await channel.deleteExchange(`${this.namespace}${name}`);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.close()));
    await this.removeFromBroker().catch(() => undefined);
    await this.sql.end();
    const name = new URL(this.databaseUrl).pathname.slice(1);
    await this.admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await this.admin.end();
    await this.broker?.close().catch(() => undefined);
  }
}

/** An event of the plainest kind. */
export function topUp(change: Partial<TopUpSettledV1> = {}): TopUpSettledV1 {
  return new TopUpSettledV1({
    paymentId: randomUUID(),
    userId: randomUUID(),
    paidMinor: '1000',
    paidCurrency: 'USD',
    creditedMinor: '1000',
    creditedCurrency: 'USD',
    transactionId: randomUUID(),
    settledAt: new Date().toISOString(),
    ...change,
  });
}

/** Asks until `read` gives at least `goal`, for as long as it grows; throws once it has stood still for `stallMs`. */
export async function reached(
  what: string,
  read: () => Promise<number>,
  goal: number,
  stallMs = 60_000,
): Promise<void> {
  let best = -Infinity;
  let grewAt = Date.now();
  for (let value = await read(); value < goal; value = await read()) {
    if (value > best) {
      best = value;
      grewAt = Date.now();
    } else if (Date.now() - grewAt > stallMs) {
      throw new Error(`No progress for ${stallMs} ms: ${what}, at ${value} of ${goal}`);
    }
    await delay(50);
  }
}

/** Asks until the answer is yes; for states no event announces. Throws after the deadline. */
export async function eventually(
  what: string,
  check: () => Promise<boolean> | boolean,
  deadlineMs = 15_000,
): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`Not within ${deadlineMs} ms: ${what}`);
    await delay(50);
  }
}
