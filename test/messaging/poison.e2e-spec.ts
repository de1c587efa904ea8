import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { campaignSize, scaled } from '../../tools/bench/campaign-size.ts';
import { figure } from '../../tools/bench/figure.ts';
import { Campaign, report } from './campaign.js';
import { reached, topUp } from './events-lab.js';

const QUEUE = 'lab.record';
const RATE = 150;
/** How many events flow for each kind of poison. */
const KIND_SIZE = 300;
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
const UNREADABLE = ['not JSON', 'wrong schema', 'unknown name', 'forged'] as const;
type Stranger = (typeof UNREADABLE)[number] | 'too large';

function strange(kind: Stranger): string {
  const envelope = {
    id: randomUUID(),
    name: 'billing.topup.settled',
    version: 1,
    occurredAt: new Date().toISOString(),
    producer: 'billing',
    aggregateId: 'a',
    aggregateVersion: 1,
    payload: topUp(),
  };
  const bodies: Record<Stranger, object | string> = {
    'not JSON': 'this is not JSON',
    'wrong schema': { ...envelope, payload: { paymentId: 'not a uuid' } },
    'unknown name': { ...envelope, name: 'nobody.knows.this', payload: {} },
    forged: { ...envelope, producer: 'auth' },
    'too large': { ...envelope, payload: { filler: 'x'.repeat(LIMIT) } },
  };
  const body = bodies[kind];
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** Returns the ids of what was published: `times` of each kind. */
async function publishStrangers(kinds: readonly Stranger[], times: number): Promise<string[]> {
  const channel = await campaign.lab.channel();
  const ids: string[] = [];
  for (const kind of Array.from({ length: times }, () => kinds).flat()) {
    const messageId = randomUUID();
    ids.push(messageId);
    channel.publish(`${campaign.lab.namespace}events`, 'billing.topup.settled.v1', Buffer.from(strange(kind)), {
      messageId,
      persistent: true,
    });
  }
  // What the broker has not answered for it may lose.
  await channel.waitForConfirms();
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

interface Poison {
  strangers?: readonly Stranger[];
  giants?: true;
  /** What the handler does, by the currency that makes it. */
  mishaps?: ('THR' | 'HNG')[];
}

/** One percent of `count` events. */
const hundredth = (count: number): number => Math.max(1, Math.round(count / 100));

describe('one message in a hundred that cannot be handled', () => {
  it('ends in the dead letters, and the others take effect once', { timeout: 1_800_000 }, async () => {
    const producer = await campaign.start('producer', 'producer');
    await Promise.all([campaign.start('relay', 'relay'), campaign.start('consumer', 'consumer')]);
    const bad = new Set<string>();
    let good = 0;

    /** The delays of the good ones among `count` events, `each` of every kind of poison with them. */
    const flow = async (
      count: number,
      each: number,
      { strangers = [], giants, mishaps = [] }: Poison,
    ): Promise<{ p99: number; slowest: number }> => {
      const since = new Date();
      const [ids] = await Promise.all([
        publishStrangers(strangers, each),
        giants && publishGiants(each),
        producer.ask('produce', {
          count,
          perSecond: RATE,
          concurrency: 20,
          sprinkle: Object.fromEntries(mishaps.map((mishap) => [mishap, each])),
        }),
      ]);
      for (const id of [...ids, ...(await badIds())]) bad.add(id);
      good += count - each * mishaps.length;
      await reached('the good ones', effects, good);
      return campaign.delays(since);
    };

    await flow(300, 0, {});
    const calm = await flow(campaignSize, 0, {});
    const everything: Poison = { strangers: [...UNREADABLE, 'too large'], giants: true, mishaps: ['THR', 'HNG'] };
    const poisoned = await flow(campaignSize, scaled(2), everything);
    const dead = await deadIds(bad.size);
    report('poison', {
      good: campaignSize - 2 * scaled(2),
      bad: bad.size,
      'p99 ms before': calm.p99,
      'p99 ms with poison': poisoned.p99,
      'slowest ms': poisoned.slowest,
    });
    expect(dead).toEqual([...bad].sort());
    expect(await campaign.books()).toMatchObject({ lost: 2 * scaled(2), doubled: 0 });
    // Below a tenth of a second the machine's other work decides.
    figure('poison-p99-ratio', poisoned.p99 / Math.max(calm.p99, 100), { atMost: 2 });
    figure('poison-slowest-ms', poisoned.slowest, { atMost: HANDLER_MS });

    // What hangs does so three times, and comes last.
    const kinds: Record<string, Poison> = {
      'cannot be read': { strangers: ['not JSON'] },
      'is too large': { strangers: ['too large'] },
      'is refused by the broker': { giants: true },
      throws: { mishaps: ['THR'] },
      hangs: { mishaps: ['HNG'] },
    };
    for (const [kind, poison] of Object.entries(kinds)) {
      const { p99, slowest } = await flow(KIND_SIZE, hundredth(KIND_SIZE), poison);
      report(`one in a hundred ${kind}`, { 'p99 ms of the others': p99, 'slowest ms': slowest });
    }
  });

  it(
    'because it kills the process is found, set aside and given up, and the others are done',
    { timeout: 1_800_000 },
    async () => {
      const producer = await campaign.start('producer', 'producer');
      await Promise.all([campaign.start('relay', 'relay'), campaign.start('consumer', 'consumer')]);
      let deathsToDie = 0;
      const consumer = campaign.keepAlive('consumer', 'consumer', () => {
        if (consumer.deaths < deathsToDie) void campaign.kill('consumer');
      });
      const flow = { count: campaignSize, perSecond: RATE, concurrency: 20 };
      const poisoned = new Date();
      await producer.ask('produce', { ...flow, sprinkle: { KIL: scaled(1) } });
      const expected = (await badIds()).sort();
      // Nothing else runs while a suspect is tried, and every try costs the start of a process.
      await reached('the good ones', effects, campaignSize - expected.length, 120_000);
      const dead = await deadIds(expected.length);
      const { deaths } = consumer;
      const books = await campaign.books();
      const killed = await campaign.delays(poisoned);

      // The start of a process costs the same whatever it died of: as many deaths in a row, without a message to blame.
      const bereaved = new Date();
      deathsToDie = 2 * deaths;
      const produced = producer.ask('produce', flow);
      await reached('the flow', effects, campaignSize + 100);
      await campaign.kill('consumer');
      await produced;
      await reached('the good ones', effects, 2 * campaignSize - expected.length, 120_000);
      const died = await campaign.delays(bereaved);
      report('killers', {
        good: campaignSize - expected.length,
        bad: expected.length,
        deaths,
        'p99 ms of the others': killed.p99,
        'p99 ms with as many deaths and no poison': died.p99,
        ...books,
      });
      expect(dead).toEqual(expected);
      expect(books).toMatchObject({ lost: expected.length, doubled: 0 });
      figure('killers-p99-ratio', killed.p99 / died.p99, { atMost: 2 });
    },
  );
});
