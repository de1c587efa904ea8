import { afterEach, describe, expect, it } from 'vitest';
import { campaignSize } from '../../tools/bench/campaign-size.ts';
import { Campaign, type PrivateRabbit, privateRabbit, rabbitctl, report } from './campaign.js';
import { reached } from './events-lab.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Three nodes on this machine that share a name service and a cookie. */
async function cluster(): Promise<PrivateRabbit[]> {
  const cookie = 'campaign';
  const start = async (options: Parameters<typeof privateRabbit>[0]): Promise<PrivateRabbit> => {
    const node = await privateRabbit({ cookie, ...options });
    closing.unshift(() => node.stop());
    return node;
  };
  const first = await start({ nodeName: 'one@localhost' });
  const { epmdPort } = first;
  const nodes = [first];
  const others = ['two', 'three'].map((name) => start({ nodeName: `${name}@localhost`, epmdPort, sharedEpmd: true }));
  for (const starting of await Promise.allSettled(others)) {
    if (starting.status === 'rejected') throw starting.reason;
    const node = starting.value;
    await rabbitctl(node, 'stop_app');
    await rabbitctl(node, 'join_cluster', first.nodeName);
    await rabbitctl(node, 'start_app');
    nodes.push(node);
  }
  return nodes;
}

async function leaderOf(queue: string, nodes: PrivateRabbit[]): Promise<PrivateRabbit> {
  const listed = await rabbitctl(nodes[0]!, '--silent', 'list_queues', 'name', 'leader');
  const line = listed.split('\n').find((text) => text.split('\t')[0] === queue);
  const leader = nodes.find((node) => node.nodeName === line?.split('\t')[1]?.trim());
  if (!leader) throw new Error(`No leader of ${queue} in: ${listed}`);
  return leader;
}

describe('a cluster of three nodes', () => {
  it('loses nothing when the leader of a queue is killed under load', { timeout: 900_000 }, async () => {
    const nodes = await cluster();
    const campaign = await Campaign.open(nodes.map((node) => node.url));
    closing.unshift(() => campaign.close());
    const producer = await campaign.start('producer', 'producer');
    await Promise.all([campaign.start('relay', 'relay'), campaign.start('consumer', 'consumer')]);
    // Asked before the flow starts: the answer takes longer than some flows.
    const leader = await leaderOf(`${campaign.lab.namespace}lab.record`, nodes);
    const effects = (): Promise<number> => campaign.lab.count('effects');
    const produced = producer.ask('produce', { count: campaignSize, perSecond: 100, concurrency: 20 });
    await reached('the flow', effects, 100);
    const killedAt = new Date();
    await leader.kill('SIGKILL');
    await produced;
    await reached('every effect', effects, campaignSize).catch(async (error) => {
      const alive = nodes.find((node) => node !== leader)!;
      throw new Error(await campaign.diagnosis(alive), { cause: error });
    });
    await reached('every mark', () => campaign.lab.count('outbox', 'sent_at IS NOT NULL'), campaignSize);
    const { rows } = await campaign.lab.sql.query<{ gap: number }>(
      `SELECT round(max(extract(epoch FROM at - before)) * 1000)::int AS gap
         FROM (SELECT at, lag(at) OVER (ORDER BY at) AS before FROM effects) gaps WHERE at > $1`,
      [killedAt],
    );
    const books = await campaign.books();
    report('cluster', { ...books, 'longest gap between effects, ms': rows[0]?.gap });
    expect(books).toEqual({
      committed: campaignSize,
      sent: campaignSize,
      effects: campaignSize,
      inbox: campaignSize,
      lost: 0,
      doubled: 0,
    });
  });
});
