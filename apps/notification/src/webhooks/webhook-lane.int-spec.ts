import mongoose, { type Connection, type Model } from 'mongoose';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { uuidv7 } from '#libs/contracts';
import { createTestMongoDatabase } from '#libs/testing';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import type { Channel } from '../deliveries/delivery.js';
import { Delivery, DeliverySchema } from '../deliveries/delivery.schema.js';
import { WebhookLane } from './webhook-lane.service.js';
import type { WebhooksService } from './webhooks.service.js';

const database = createTestMongoDatabase();
let connection: Connection;
let model: Model<Delivery>;
let deliveries: DeliveriesRepository;
beforeAll(async () => {
  connection = await mongoose.createConnection(database.url).asPromise();
  model = connection.model<Delivery>('Delivery', DeliverySchema);
  await model.init();
  deliveries = new DeliveriesRepository(model);
});
beforeEach(() => model.deleteMany({}));
afterAll(async () => {
  await connection.close();
  await database.drop();
});

const MINUTE_MS = 60_000;

/** A delivery that was due so many minutes ago. */
function due(channel: Channel, minutesAgo: number): Delivery {
  const at = new Date(Date.now() - minutesAgo * MINUTE_MS);
  return {
    _id: uuidv7(),
    messageKey: uuidv7(),
    userId: 'u',
    channel,
    class: 'billing',
    lane: 'standard',
    template: 'welcome',
    state: 'pending',
    attempts: 3,
    nextAttemptAt: at,
    createdAt: at,
  };
}

/** The lane of a service that knows these receivers, and what it has called. */
function laneOf(...channels: Channel[]): { lane: WebhookLane; called: string[] } {
  const called: string[] = [];
  const deliver = (id: string): Promise<void> => Promise.resolve(void called.push(id));
  return { lane: new WebhookLane(deliveries, { channels, deliver } as unknown as WebhooksService), called };
}

const stateOf = async ({ _id }: Delivery) => (await model.findById(_id).lean())!;

describe('what waits for a receiver that is configured no more', () => {
  it('fails after an hour with that as its reason, and nothing else does', async () => {
    const removed = due('webhook:crm', 61);
    const others = [due('webhook:crm', 59), due('webhook:push', 61), due('email', 61)];
    const sent = Object.assign(due('webhook:crm', 61), { state: 'sent' as const });
    await deliveries.insert([removed, ...others, sent]);
    await laneOf('webhook:push').lane.settleRemoved();
    expect(await stateOf(removed)).toMatchObject({ state: 'failed', reason: 'receiver_removed' });
    expect((await stateOf(removed)).finishedAt).toBeInstanceOf(Date);
    for (const other of others) expect((await stateOf(other)).state).toBe('pending');
    expect((await stateOf(sent)).state).toBe('sent');
  });

  it('fails in a service that has no receiver at all', async () => {
    const removed = due('webhook:crm', 61);
    await deliveries.insert([removed]);
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { lane } = laneOf();
    lane.onApplicationBootstrap();
    vi.advanceTimersToNextTimer();
    vi.useRealTimers();
    await lane.onApplicationShutdown();
    expect((await stateOf(removed)).state).toBe('failed');
  });

  it('goes out once the receiver is back and an administrator sends it again', async () => {
    const removed = due('webhook:crm', 61);
    await deliveries.insert([removed]);
    await laneOf().lane.settleRemoved();
    const { lane, called } = laneOf('webhook:crm');
    await lane.sweep();
    expect(called).toEqual([]);
    expect(await deliveries.reviveFailed({ _id: removed._id })).toBe(1);
    await lane.sweep();
    expect(called).toEqual([removed._id]);
  });
});

describe('looking for calls to make', () => {
  it('reads the deliveries that are due, however many there are', async () => {
    const done = Array.from({ length: 500 }, () => Object.assign(due('webhook:push', 5), { state: 'sent' as const }));
    await deliveries.insert([...done, due('webhook:push', 1)]);
    const explained = vi.spyOn(deliveries, 'dueSince');
    await laneOf('webhook:push').lane.sweep();
    const [filter, before] = explained.mock.calls[0]!;
    const query = model.find({ $and: [filter, { state: 'pending', nextAttemptAt: { $lte: before } }] });
    const { executionStats } = (await query.explain('executionStats')) as unknown as {
      executionStats: { totalDocsExamined: number };
    };
    expect(executionStats.totalDocsExamined).toBe(1);
  });
});
