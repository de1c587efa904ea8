import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { campaignSize, scaled } from '../../tools/bench/campaign-size.ts';
import { figure } from '../../tools/bench/figure.ts';
import { Campaign, report } from './campaign.js';
import { reached, topUp } from './events-lab.js';

const QUEUE = 'lab.record';
const RATE = 150;
/** How long a handler may take. Long, so that it shows when a good message has waited for one that hangs. */
const HANDLER_MS = 3_000;
/** The largest message a consumer looks at; the broker takes larger ones, up to its own limit. */
const LIMIT = 500_000;
let campaign: Campaign;

beforeEach(async () => {
  campaign = await Campaign.open(undefined, { handlerTimeoutMs: HANDLER_MS, maxAttempts: 3, maxMessageBytes: LIMIT });
});
afterEach(() => campaign.close());

/** Messages as a stranger or a broken release would send them. */
async function publishStrangers(times: number): Promise<string[]> {
  const channel = await campaign.lab.channel();
  const envelope = {
    name: 'billing.topup.settled',
    version: 1,
    occurredAt: new Date().toISOString(),
    producer: 'billing',
    aggregateId: 'a',
    aggregateVersion: 1,
  };
  const bodies = (id: string): string[] => [
    'this is not JSON',
    JSON.stringify({ ...envelope, id, payload: { paymentId: 'not a uuid' } }),
    JSON.stringify({ ...envelope, id, name: 'nobody.knows.this', payload: {} }),
    JSON.stringify({ ...envelope, id, producer: 'auth', payload: topUp() }),
    JSON.stringify({ ...envelope, id, payload: { filler: 'x'.repeat(LIMIT) } }),
  ];
  const ids: string[] = [];
  for (let round = 0; round < times; round++) {
    for (const body of bodies(randomUUID())) {
      const messageId = randomUUID();
      ids.push(messageId);
      channel.publish(`${campaign.lab.namespace}events`, 'billing.topup.settled.v1', Buffer.from(body), {
        messageId,
        persistent: true,
      });
    }
  }
  await channel.close();
  return ids;
}

/** Ten megabytes, which the broker refuses at the door. */
async function publishGiants(times: number): Promise<void> {
  for (let round = 0; round < times; round++) {
    const channel = await campaign.lab.channel();
    const refused = once(channel, 'error');
    channel.publish(`${campaign.lab.namespace}events`, 'billing.topup.settled.v1', Buffer.alloc(10 * 1024 * 1024));
    expect(await refused).toMatchObject([{ code: 406 }]);
  }
}

/** Takes the dead letters out as they come, until there are `count` different ones. A slow confirm may double one. */
async function deadIds(count: number): Promise<string[]> {
  const channel = await campaign.lab.channel();
  const ids = new Set<string>();
  const take = async (): Promise<number> => {
    for (;;) {
      const message = await channel.get(`${campaign.lab.namespace}${QUEUE}.dead`, { noAck: true });
      if (!message) return ids.size;
      ids.add(String(message.properties.messageId));
    }
  };
  await reached('the dead letters', take, count);
  await channel.close();
  return [...ids].sort();
}

/** How many events have taken effect. */
const effects = (): Promise<number> => campaign.lab.count('effects');

/** The ids of the outbox rows whose handler misbehaves. */
async function badIds(): Promise<string[]> {
  const { rows } = await campaign.lab.sql.query<{ message_id: string }>(
    `SELECT message_id FROM outbox WHERE envelope->'payload'->>'creditedCurrency' <> 'USD'`,
  );
  return rows.map((row) => row.message_id);
}

describe('one message in a hundred that cannot be handled', () => {
  it('ends in the dead letters, and no other waits as long as one that hangs', { timeout: 1_800_000 }, async () => {
    const producer = await campaign.start('producer', 'producer');
    await Promise.all([campaign.start('relay', 'relay'), campaign.start('consumer', 'consumer')]);
    await producer.ask('produce', { count: 300, perSecond: RATE, concurrency: 20 });
    const calm = new Date();
    await producer.ask('produce', { count: campaignSize, perSecond: RATE, concurrency: 20 });
    await reached('the good ones', effects, 300 + campaignSize);
    const before = await campaign.delays(calm);
    const bad = new Date();
    const strangers = publishStrangers(scaled(2));
    const giants = publishGiants(scaled(2));
    await producer.ask('produce', {
      count: campaignSize,
      perSecond: RATE,
      concurrency: 20,
      sprinkle: { THR: scaled(4), HNG: scaled(3) },
    });
    await giants;
    const expected = [...(await strangers), ...(await badIds())].sort();
    await reached('the good ones', effects, 300 + 2 * campaignSize - scaled(4) - scaled(3));
    const dead = await deadIds(expected.length);
    const after = await campaign.delays(bad);
    report('poison', {
      good: campaignSize - scaled(4) - scaled(3),
      bad: expected.length,
      'p99 ms before': before.p99,
      'p99 ms with poison': after.p99,
      'slowest ms': after.slowest,
    });
    expect(dead).toEqual(expected);
    expect(await campaign.books()).toMatchObject({ lost: scaled(4) + scaled(3), doubled: 0 });
    // Below a tenth of a second the machine's other work decides.
    figure('poison-p99-ratio', after.p99 / Math.max(before.p99, 100), { atMost: 2 });
    expect(after.slowest).toBeLessThan(HANDLER_MS);
  });

  it(
    'because it kills the process is found, set aside and given up, and the others are done',
    { timeout: 1_800_000 },
    async () => {
      const producer = await campaign.start('producer', 'producer');
      await Promise.all([campaign.start('relay', 'relay'), campaign.start('consumer', 'consumer')]);
      const consumer = campaign.keepAlive('consumer', 'consumer');
      await producer.ask('produce', { count: campaignSize, concurrency: 20, sprinkle: { KIL: scaled(2) } });
      const expected = (await badIds()).sort();
      // Nothing else runs while a suspect is tried, and every try costs the start of a process.
      await reached('the good ones', effects, campaignSize - expected.length, 120_000);
      const dead = await deadIds(expected.length);
      report('killers', {
        good: campaignSize - expected.length,
        bad: expected.length,
        deaths: consumer.deaths,
        ...(await campaign.books()),
      });
      expect(dead).toEqual(expected);
      expect(await campaign.books()).toMatchObject({ lost: expected.length, doubled: 0 });
    },
  );
});
