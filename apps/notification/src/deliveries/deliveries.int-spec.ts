import mongoose, { type Connection, type Model } from 'mongoose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { uuidv7 } from '#libs/contracts';
import { createTestMongoDatabase } from '#libs/testing';
import { DeliveriesRepository } from './deliveries.repository.js';
import { LEASE_MS } from './delivery.js';
import { Delivery, DeliverySchema } from './delivery.schema.js';

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

const NOW = new Date('2026-11-23T10:00:00Z');
const after = (ms: number): Date => new Date(NOW.getTime() + ms);

function delivery(over: Partial<Delivery> = {}): Delivery {
  return {
    _id: uuidv7(),
    messageKey: 'm',
    userId: 'u',
    channel: 'email',
    class: 'billing',
    lane: 'standard',
    template: 'welcome',
    state: 'pending',
    attempts: 0,
    nextAttemptAt: NOW,
    createdAt: NOW,
    ...over,
  };
}

describe('a delivery', () => {
  it('exists once per message, user and channel', async () => {
    await deliveries.insert([delivery()]);
    await deliveries.insert([delivery(), delivery({ channel: 'inbox' }), delivery({ userId: 'v' }), delivery()]);
    expect(await model.countDocuments()).toBe(3);
  });

  it('is taken by one of many senders', async () => {
    const one = delivery();
    await deliveries.insert([one]);
    const taken = await Promise.all(Array.from({ length: 20 }, () => deliveries.take(one._id, NOW)));
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  it('of a killed sender is due again when the lease is over, not before', async () => {
    const one = delivery();
    await deliveries.insert([one]);
    await deliveries.take(one._id, NOW);
    expect(await deliveries.take(one._id, after(LEASE_MS - 1))).toBeUndefined();
    expect(await deliveries.take(one._id, after(LEASE_MS))).toMatchObject({ attempts: 2 });
  });

  it('that is final never changes', async () => {
    const one = delivery();
    await deliveries.insert([one]);
    const taken = (await deliveries.take(one._id, NOW))!;
    await deliveries.record([{ delivery: taken, outcome: { state: 'sent', response: '250' } }]);
    await deliveries.record([{ delivery: taken, outcome: { state: 'failed', reason: 'x', response: 'y' } }]);
    expect(await model.findById(one._id)).toMatchObject({ state: 'sent' });
    expect(await deliveries.take(one._id, after(LEASE_MS))).toBeUndefined();
  });

  it('fails for good after eight tries', async () => {
    const one = delivery({ attempts: 6 });
    await deliveries.insert([one]);
    const outcome = { state: 'pending' as const, reason: 'temporary', response: '451' };
    await deliveries.record([{ delivery: (await deliveries.take(one._id, NOW))!, outcome }]);
    expect(await model.findById(one._id)).toMatchObject({ state: 'pending', reason: 'temporary' });
    const much = after(60 * 60_000 * 24 * 365);
    await deliveries.record([{ delivery: (await deliveries.take(one._id, much))!, outcome }]);
    expect(await model.findById(one._id)).toMatchObject({ state: 'failed', reason: 'temporary', response: '451' });
  });
});

describe('outcomes written together', () => {
  it('reach each its own delivery, with its own answer, and the link that was sent is gone', async () => {
    const facts = { link: 'sealed', reason: 'kept' };
    const all = Array.from({ length: 50 }, (_, index) => delivery({ userId: `u${index}`, claim: 'c', facts }));
    await deliveries.insert(all);
    await deliveries.record(
      all.map((one, index) => ({
        delivery: one,
        outcome:
          index % 2 === 0
            ? { state: 'sent' as const, response: `250 $ok.${index}` }
            : { state: 'failed' as const, reason: 'address_refused', response: `550 ${index}` },
      })),
    );
    for (const [index, one] of all.entries()) {
      const found = await model.findById(one._id).lean();
      const state = index % 2 === 0 ? 'sent' : 'failed';
      expect(found).toMatchObject({ state, response: index % 2 === 0 ? `250 $ok.${index}` : `550 ${index}` });
      expect(found).toMatchObject({ facts: { reason: 'kept' }, finishedAt: expect.any(Date) as Date });
      expect(found).not.toHaveProperty('facts.link');
      expect(found).not.toHaveProperty('claim');
    }
  });

  it('count once when the answer of the database is lost and they are written again', async () => {
    const one = delivery();
    await deliveries.insert([one]);
    const taken = (await deliveries.take(one._id, NOW))!;
    const outcome = { state: 'pending' as const, reason: 'quiet_hours', until: after(LEASE_MS) };
    for (let time = 0; time < 2; time++) await deliveries.record([{ delivery: taken, outcome }]);
    expect(await model.findById(one._id)).toMatchObject({ state: 'pending', attempts: 0 });
  });

  it('leave alone what somebody else has taken since', async () => {
    const one = delivery();
    await deliveries.insert([one]);
    const first = (await deliveries.take(one._id, NOW))!;
    await deliveries.take(one._id, after(LEASE_MS));
    await deliveries.record([{ delivery: first, outcome: { state: 'pending', reason: 'temporary', response: '451' } }]);
    expect(await model.findById(one._id)).toMatchObject({ attempts: 2, nextAttemptAt: after(2 * LEASE_MS) });
  });
});

describe('deliveries of a campaign', () => {
  it('are shared out among runners without one being taken twice', async () => {
    await deliveries.insert(
      Array.from({ length: 300 }, (_, index) => delivery({ userId: `u${index}`, lane: 'bulk', campaignId: 'c' })),
    );
    const runs = await Promise.all(Array.from({ length: 8 }, () => deliveries.takeOfCampaign('c', 100, NOW)));
    const ids = runs.flatMap(({ taken }) => taken.map(({ _id }) => _id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(0);
  });
});

describe('a forgotten user', () => {
  it('gets nothing more, and what was said is gone', async () => {
    const facts = { reason: 'private' };
    await deliveries.insert([
      delivery({ facts, to: { email: 'a@example.com', locale: 'en' } }),
      delivery({ messageKey: 'n', state: 'sent', facts, response: '250 a@example.com' }),
    ]);
    await deliveries.eraseOf('u');
    const left = await model.find().lean();
    expect(JSON.stringify(left)).not.toMatch(/private|example\.com/);
    expect(left.map(({ state }) => state).toSorted()).toEqual(['sent', 'skipped']);
  });
});
