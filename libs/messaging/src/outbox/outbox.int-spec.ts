import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Controller, type INestApplication } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EntitlementChangedV1, TopUpSettledV1 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { Consumes, MessagingHealth, Outbox, OutboxReplayService, type Received } from '#libs/messaging';
import { eventually, EventsLab, topUp } from '../../../../test/messaging/events-lab.js';
import { EventTablesJanitorService } from './event-tables.janitor.service.js';

const QUEUE = 'lab.record';
const seen: { aggregateId: string; aggregateVersion: number }[] = [];

@Controller()
class Recorder {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  @Consumes(QUEUE, TopUpSettledV1)
  async onSettled(event: Received<TopUpSettledV1>): Promise<void> {
    await this.unitOfWork.manager.query('INSERT INTO effects (message_id) VALUES ($1)', [event.id]);
    seen.push(event);
  }
}

const consuming = { controllers: [Recorder], consumes: { [QUEUE]: [TopUpSettledV1] } };
let lab: EventsLab;

beforeEach(async () => {
  seen.length = 0;
  lab = await EventsLab.open();
});
afterEach(() => lab.close());

function add(app: INestApplication, aggregateId: string = randomUUID(), aggregateVersion = 1): Promise<string> {
  return app.get(Outbox).add(topUp(), { aggregateId, aggregateVersion });
}

describe('the relay', () => {
  it('does not skip a transaction that commits after later ones were published', async () => {
    const app = await lab.start(consuming);
    const unitOfWork = app.get(UnitOfWork);
    let commit: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (commit = resolve));
    const late = unitOfWork.run(async () => {
      const id = await add(app);
      await held;
      return id;
    });
    await lab.publish(app, 20);
    await eventually('the others', async () => (await lab.count('effects')) === 20);
    commit();
    const id = await late;
    await eventually('the late one', async () => (await lab.effects()).includes(id));
  });

  it('keeps the order of each aggregate with two replicas at work', async () => {
    const app = await lab.start(consuming);
    await lab.start({});
    const channel = await lab.channel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, `${lab.namespace}events`, '#');
    const arrived = new Map<string, number[]>();
    await channel.consume(
      queue,
      (message) => {
        const event = JSON.parse(String(message?.content)) as Received;
        arrived.set(event.aggregateId, [...(arrived.get(event.aggregateId) ?? []), event.aggregateVersion]);
      },
      { noAck: true },
    );
    const aggregates = Array.from({ length: 8 }, () => randomUUID());
    const versions = Array.from({ length: 60 }, (_, index) => index + 1);
    for (const version of versions) {
      await app.get(UnitOfWork).run(async () => {
        for (const aggregate of aggregates) await add(app, aggregate, version);
      });
    }
    await eventually('all marked', async () => (await lab.count('outbox', 'sent_at IS NULL')) === 0);
    await eventually('all arrived', () => [...arrived.values()].flat().length === 480);
    for (const aggregate of aggregates) expect(arrived.get(aggregate)).toEqual(versions);
  });

  it('leaves a row to the replica that holds an older one of the same aggregate', async () => {
    const other = await lab.sql.connect();
    const aggregate = randomUUID();
    try {
      const silent = await lab.start({ settings: { urls: ['amqp://127.0.0.1:1'] } });
      await silent.get(UnitOfWork).run(() => add(silent, aggregate, 1));
      await other.query('BEGIN');
      await other.query('SELECT id FROM outbox FOR UPDATE');
      await silent.get(UnitOfWork).run(() => add(silent, aggregate, 2));
      const app = await lab.start(consuming);
      await lab.publish(app, 1);
      await eventually('an unrelated event', async () => (await lab.count('effects')) === 1);
      expect(seen.map((event) => event.aggregateId)).not.toContain(aggregate);
      await other.query('COMMIT');
      await eventually('both, in order', async () => (await lab.count('effects')) === 3);
      expect(seen.filter((event) => event.aggregateId === aggregate).length).toBe(2);
    } finally {
      other.release();
    }
  });

  it('keeps what no queue takes, says so, passes it by and delivers it once there is a queue', async () => {
    const app = await lab.start({ ...consuming, publishes: [TopUpSettledV1, EntitlementChangedV1] });
    const unheard = new EntitlementChangedV1({
      userId: randomUUID(),
      product: 'cinema',
      activeUntil: null,
      version: 1,
    });
    await app.get(UnitOfWork).run(() => app.get(Outbox).add(unheard, { aggregateId: 'u', aggregateVersion: 1 }));
    await lab.publish(app, 5);
    await eventually('the others', async () => (await lab.count('effects')) === 5);
    await eventually('its return', async () => (await lab.count('outbox', 'sent_at IS NULL AND returns > 0')) === 1);
    expect((await app.get(MessagingHealth).status()).degraded).toEqual(['1 events no queue takes']);
    const channel = await lab.channel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, `${lab.namespace}events`, 'billing.entitlement.changed.v1');
    await eventually('its delivery', async () => (await channel.checkQueue(queue)).messageCount === 1);
  });

  it('is woken by a commit in a process that cannot publish itself', async () => {
    await lab.start({ ...consuming, settings: { outboxPollMs: 60_000 } });
    const producer = await lab.start({ settings: { urls: ['amqp://127.0.0.1:1'], outboxPollMs: 60_000 } });
    await delay(300);
    await lab.publish(producer, 1);
    await eventually('the effect', async () => (await lab.count('effects')) === 1, 5_000);
  });

  it('finds by polling what nobody announced', async () => {
    const app = await lab.start(consuming);
    await lab.publish(app, 1);
    await eventually('the effect', async () => (await lab.count('effects')) === 1);
    await lab.sql.query('UPDATE outbox SET sent_at = NULL');
    await eventually('its second sending', async () => (await lab.count('outbox', 'sent_at IS NULL')) === 0);
  });
});

describe('a replay', () => {
  it('publishes what was sent since then again, and consumers that have it do nothing', async () => {
    const app = await lab.start(consuming);
    await lab.publish(app, 10);
    await eventually('all effects', async () => (await lab.count('effects')) === 10);
    await eventually('all marked', async () => (await lab.count('outbox', 'sent_at IS NULL')) === 0);
    // Two of them may have occurred in the same millisecond.
    await lab.sql.query(`UPDATE outbox SET occurred_at = now() - interval '1 hour' WHERE id IN
                         (SELECT id FROM outbox ORDER BY id LIMIT 4)`);
    const since = new Date(Date.now() - 60_000);
    await lab.sql.query('DELETE FROM inbox; DELETE FROM effects');
    expect(await app.get(OutboxReplayService).replay({ since, names: ['billing.topup.settled.v1'] })).toBe(6);
    await eventually('their effects', async () => (await lab.count('effects')) === 6);
    await eventually('their marks', async () => (await lab.count('outbox', 'sent_at IS NULL')) === 0);
    expect(
      await app.get(OutboxReplayService).replay({ since: new Date(0), names: ['billing.entitlement.changed.v1'] }),
    ).toBe(0);
    expect(await app.get(OutboxReplayService).replay({ since: new Date(0) })).toBe(10);
    await eventually('the rest', async () => (await lab.count('effects')) === 10);
    await eventually('all marked again', async () => (await lab.count('outbox', 'sent_at IS NULL')) === 0);
    expect(await lab.count('effects')).toBe(10);
  });
});

describe('cleaning up', () => {
  it('removes what was sent and consumed long ago, and nothing else', async () => {
    const app = await lab.start(consuming);
    await lab.publish(app, 6);
    await eventually('all marked', async () => (await lab.count('outbox', 'sent_at IS NULL')) === 0);
    await eventually('all effects', async () => (await lab.count('effects')) === 6);
    await lab.sql.query(
      `UPDATE outbox SET occurred_at = now() - interval '8 days' WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT 3)`,
    );
    await lab.sql.query(
      `UPDATE outbox SET sent_at = now() - interval '8 days' WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT 2)`,
    );
    await lab.sql.query(`UPDATE inbox SET consumed_at = now() - interval '8 days'`);
    expect(await app.get(EventTablesJanitorService).cleanUp()).toEqual({ outbox: 2, inbox: 0 });
    await lab.sql.query(`UPDATE inbox SET consumed_at = now() - interval '15 days'`);
    expect(await app.get(EventTablesJanitorService).cleanUp()).toEqual({ outbox: 0, inbox: 6 });
  });
});
