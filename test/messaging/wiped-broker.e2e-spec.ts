import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { OutboxReplayService } from '#libs/messaging';
import { campaignSize } from '../../tools/bench/campaign-size.ts';
import { Campaign, privateRabbit, report } from './campaign.js';
import { eventually } from './events-lab.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

describe('a broker whose data directory was deleted', () => {
  it(
    'gets the events again by a replay: consumers end complete, nothing is doubled',
    { timeout: 1_800_000 },
    async () => {
      const rabbit = await privateRabbit();
      closing.push(() => rabbit.stop());
      const campaign = await Campaign.open([rabbit.url]);
      closing.unshift(() => campaign.close());
      const [producer] = await Promise.all([
        campaign.start('producer', 'producer'),
        campaign.start('relay', 'relay'),
        campaign.start('consumer', 'consumer'),
      ]);
      await producer.ask('produce', { count: Math.ceil(campaignSize / 2), perSecond: 300 });
      await eventually('the first half', async () => (await campaign.books()).lost === 0, 60_000);
      // The second half is published, and lies in the broker when it is wiped.
      await campaign.kill('consumer');
      await producer.ask('produce', { count: Math.floor(campaignSize / 2), perSecond: 300 });
      await eventually(
        'all published',
        async () => (await campaign.lab.count('outbox', 'sent_at IS NULL')) === 0,
        60_000,
      );
      await rabbit.kill('SIGKILL');
      rmSync(join(rabbit.directory, 'mnesia'), { recursive: true, force: true });
      await rabbit.restart();
      await campaign.start('consumer', 'consumer');
      const { lost } = await campaign.books();
      const commands = await campaign.lab.start({ settings: { urls: ['amqp://127.0.0.1:1'] }, logger: false });
      const replayed = await commands.get(OutboxReplayService).replay({ since: new Date(0) });
      await eventually('every effect', async () => (await campaign.books()).lost === 0, 120_000);
      await eventually('every mark', async () => (await campaign.lab.count('outbox', 'sent_at IS NULL')) === 0, 60_000);
      const books = await campaign.books();
      report('wiped broker', { 'wiped with it': lost, replayed, ...books });
      expect(lost).toBe(Math.floor(campaignSize / 2));
      expect(replayed).toBe(campaignSize);
      expect(books).toMatchObject({
        committed: campaignSize,
        effects: campaignSize,
        inbox: campaignSize,
        lost: 0,
        doubled: 0,
      });
    },
  );
});
