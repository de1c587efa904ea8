// One process of the event flow, told what to be by a JSON argument and driven over IPC: relay, consumer, producer.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Controller, type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { register } from 'prom-client';
import type { WorkerOptions } from './worker.ts';

/** The part of the built libs that is used here. */
interface UnitOfWork {
  run<T>(work: () => Promise<T>): Promise<T>;
  afterCommit(callback: () => void | Promise<void>): void;
  manager: { query(sql: string, parameters: unknown[]): Promise<unknown> };
}
interface Outbox {
  add(event: object, about: { aggregateId: string; aggregateVersion: number }): Promise<string>;
}
interface Libs {
  contracts: { TopUpSettledV1: new (facts: object) => object };
  database: { DatabaseModule: { forRoot(options: object): DynamicModule }; UnitOfWork: Type<UnitOfWork> };
  messaging: {
    Consumes(consumer: string, contract: unknown, options?: object): MethodDecorator;
    EventsServer: Type<CustomTransportStrategy>;
    MessagingHealth: Type<{ status(): Promise<object> }>;
    MessagingModule: { forRootAsync(options: object): DynamicModule };
    Outbox: Type<Outbox>;
  };
}

const dist = join(import.meta.dirname, '../../dist/libs');
const load = async <K extends keyof Libs>(name: K): Promise<Libs[K]> =>
  (await import(pathToFileURL(join(dist, name, 'src/index.js')).href)) as Libs[K];
const { TopUpSettledV1 } = await load('contracts');
const database = await load('database');
const messaging = await load('messaging');

const QUEUE = 'lab.record';
const options = JSON.parse(process.argv[2] ?? '{}') as WorkerOptions;

/** Ends the process as `kill -9` does, and never returns. */
const die = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
};

/** What an event's currency makes the handler do after its effect: before the commit, or (`ACK`) between commit and acknowledgement. */
const mishaps: Record<string, (unitOfWork: UnitOfWork) => unknown> = {
  THR: () => Promise.reject(new Error('the handler throws')),
  HNG: () => new Promise(() => undefined),
  KIL: die,
  ACK: (unitOfWork) => unitOfWork.afterCommit(die),
};

class Recorder {
  readonly #unitOfWork: UnitOfWork;

  constructor(unitOfWork: UnitOfWork) {
    this.#unitOfWork = unitOfWork;
  }

  async onSettled(event: { id: string; payload: { creditedCurrency: string } }): Promise<void> {
    await this.#unitOfWork.manager.query('INSERT INTO effects (message_id) VALUES ($1)', [event.id]);
    await mishaps[event.payload.creditedCurrency]?.(this.#unitOfWork);
  }
}
// Type stripping leaves no decorators: they are called by hand.
Controller()(Recorder);
Reflect.defineMetadata('design:paramtypes', [database.UnitOfWork], Recorder);
const method = Object.getOwnPropertyDescriptor(Recorder.prototype, 'onSettled') ?? {};
messaging.Consumes(QUEUE, TopUpSettledV1, { sideBySide: true })(Recorder.prototype, 'onSettled', method);

class WorkerModule {}
Module({
  imports: [
    database.DatabaseModule.forRoot({
      url: options.databaseUrl,
      entities: [],
      applicationName: 'worker',
      poolSize: 24,
      pipeline: true,
    }),
    messaging.MessagingModule.forRootAsync({
      app: 'billing',
      consumes: options.consume ? { [QUEUE]: [TopUpSettledV1] } : {},
      publishes: [TopUpSettledV1],
      inbox: 'postgres',
      outbox: options.relay,
      useFactory: () => ({ urls: options.urls, namespace: options.namespace, ...options.settings }),
    }),
  ],
  controllers: options.consume ? [Recorder] : [],
})(WorkerModule);

const app = await NestFactory.create(WorkerModule, new FastifyAdapter(), { logger: ['error', 'warn'] });
app.connectMicroservice({ strategy: app.get(messaging.EventsServer) });
await app.startAllMicroservices();

/** How events are to be made. */
interface Production {
  count: number;
  concurrency?: number;
  /** The longest a transaction stays open, in milliseconds; most are short. */
  holdMs?: number;
  /** Which part of the transactions is rolled back. */
  rollbackShare?: number;
  perSecond?: number;
  /** How many events carry these currencies, spread at random; see the worker's mishaps. */
  sprinkle?: Record<string, number>;
}

/** Commits `count` events in transactions of their own, `concurrency` at a time; one that fails is tried again. */
async function produce({
  count,
  concurrency = 8,
  holdMs = 0,
  rollbackShare = 0,
  perSecond = 0,
  sprinkle = {},
}: Production): Promise<object> {
  const unitOfWork = app.get(database.UnitOfWork);
  const outbox = app.get(messaging.Outbox);
  const tally = { attempted: 0, committed: 0, rolledBack: 0, failed: 0 };
  const currencies = scatter(count, sprinkle);
  const started = Date.now();
  const one = async (): Promise<void> => {
    const index = tally.attempted++;
    if (perSecond) await delay(Math.max(0, started + (index * 1_000) / perSecond - Date.now()));
    const rollBack = Math.random() < rollbackShare;
    const failure = new Error('rolled back on purpose');
    for (let done = false; !done;) {
      try {
        await unitOfWork.run(async () => {
          await outbox.add(topUp(currencies.get(index)), { aggregateId: randomUUID(), aggregateVersion: 1 });
          // A few stay open for long, past many others that commit.
          if (holdMs) await delay(Math.random() * (Math.random() < 0.01 ? holdMs : 5));
          if (rollBack) throw failure;
        });
        done = true;
        tally.committed++;
      } catch (error) {
        done = error === failure;
        if (done) tally.rolledBack++;
        else tally.failed++;
      }
    }
  };
  const lane = async (): Promise<void> => {
    while (tally.attempted < count) await one();
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return tally;
}

function scatter(count: number, sprinkle: Record<string, number>): Map<number, string> {
  const places = new Map<number, string>();
  for (const [currency, times] of Object.entries(sprinkle)) {
    for (let done = 0; done < times;) {
      const place = Math.floor(Math.random() * count);
      if (!places.has(place)) done++;
      places.set(place, places.get(place) ?? currency);
    }
  }
  return places;
}

function topUp(creditedCurrency = 'USD'): object {
  const facts = { paidMinor: '1000', paidCurrency: 'USD', creditedMinor: '1000', creditedCurrency };
  const ids = { paymentId: randomUUID(), userId: randomUUID(), transactionId: randomUUID() };
  return new TopUpSettledV1({ ...facts, ...ids, settledAt: new Date().toISOString() });
}

/** A counter's values by one of its labels. */
async function counts(metric: string, label: string): Promise<Record<string, number>> {
  const { values } = (await register.getSingleMetric(metric)?.get()) ?? { values: [] };
  return Object.fromEntries(values.map(({ labels, value }) => [String(labels[label]), value]));
}

async function answer(ask: string, details: object): Promise<unknown> {
  if (ask === 'produce') return produce(details as Production);
  if (ask === 'status') return app.get(messaging.MessagingHealth).status();
  if (ask === 'counts')
    return {
      published: await counts('events_published_total', 'result'),
      consumed: await counts('events_consumed_total', 'outcome'),
    };
  throw new Error(`Nobody here can answer ${ask}`);
}

process.on('message', ({ id, ask, ...details }: { id: number; ask: string }) => {
  void answer(ask, details).then((given) => process.send?.({ id, answer: given }));
});
const end = (): void => void app.close().then(() => process.exit(0));
process.once('SIGTERM', end);
process.once('disconnect', end);
process.send?.({ ready: true });
