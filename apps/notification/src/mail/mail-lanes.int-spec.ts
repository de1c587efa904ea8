import type { Queue } from 'bull';
import mongoose, { type Connection, type Model } from 'mongoose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { uuidv7 } from '#libs/contracts';
import { createTestMongoDatabase } from '#libs/testing';
import { DeliveriesRepository } from '../deliveries/deliveries.repository.js';
import { Delivery, DeliverySchema } from '../deliveries/delivery.schema.js';
import { type MailJob, MailLanes, type SingleLane } from './mail-lanes.service.js';
import type { MailsService } from './mails.service.js';

const database = createTestMongoDatabase();
let connection: Connection;
let model: Model<Delivery>;
beforeAll(async () => {
  connection = await mongoose.createConnection(database.url).asPromise();
  model = connection.model<Delivery>('Delivery', DeliverySchema);
  await model.init();
});
beforeEach(async () => {
  await model.deleteMany({});
  await model.insertMany([...Array.from({ length: 600 }, () => due('standard', 60)), due('security', 10)]);
});
afterEach(() => void vi.useRealTimers());
afterAll(async () => {
  await connection.close();
  await database.drop();
});

/** A mail that was due so many seconds ago. */
function due(lane: SingleLane, secondsAgo: number): Delivery {
  const at = new Date(Date.now() - secondsAgo * 1_000);
  return {
    _id: uuidv7(),
    messageKey: uuidv7(),
    userId: 'u',
    channel: 'email',
    class: lane === 'security' ? 'security' : 'billing',
    lane,
    template: 'welcome',
    state: 'pending',
    attempts: 1,
    nextAttemptAt: at,
    createdAt: at,
  };
}

/** What Bull takes, or does not while Redis is away. */
function queue(status: 'ready' | 'reconnecting') {
  const add = vi.fn(() => Promise.resolve());
  return { add, bull: { client: { status }, add } as unknown as Queue<MailJob> };
}

describe('security mail that is due behind more standard mail than one sweep takes', () => {
  it('is woken by the next sweep', async () => {
    const [security, standard] = [queue('ready'), queue('ready')];
    const lanes = new MailLanes(security.bull, standard.bull, new DeliveriesRepository(model), {} as MailsService);
    await Promise.all([lanes.sweep('security'), lanes.sweep('standard')]);
    expect(security.add).toHaveBeenCalledTimes(1);
    expect(standard.add).toHaveBeenCalledTimes(500);
  });

  it('is sent, again and again, while Redis is away and the standard mails hang', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const sent: string[] = [];
    const free: (() => void)[] = [];
    const deliver = (id: string, lane: string): Promise<void> =>
      lane === 'standard' ? new Promise((resolve) => free.push(resolve)) : Promise.resolve(void sent.push(id));
    const { bull } = queue('reconnecting');
    const lanes = new MailLanes(bull, bull, new DeliveriesRepository(model), { deliver } as unknown as MailsService);
    lanes.onApplicationBootstrap();
    for (const sweeps of [1, 2, 3]) {
      await vi.waitFor(() => {
        vi.advanceTimersToNextTimer();
        expect(sent.length).toBeGreaterThanOrEqual(sweeps);
      });
    }
    const stopped = lanes.onApplicationShutdown();
    for (const resolve of free) resolve();
    await stopped;
  });
});
