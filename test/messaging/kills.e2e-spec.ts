import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { campaignSize, scaled } from '../../tools/bench/campaign-size.ts';
import { Campaign, privateRabbit, report } from './campaign.js';
import { reached } from './events-lab.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

describe('while events flow', () => {
  it(
    `kills of broker, relay and consumer lose none of ${campaignSize} and double none`,
    { timeout: 1_200_000 },
    async () => {
      const rabbit = await privateRabbit();
      closing.push(() => rabbit.stop());
      const campaign = await Campaign.open([rabbit.url]);
      closing.unshift(() => campaign.close());
      const producer = await campaign.start('producer', 'producer');
      await campaign.start('relay', 'relay');
      await campaign.start('consumer', 'consumer');
      // Some events also kill the consumer exactly between the commit of their effect and its acknowledgement.
      const consumer = campaign.keepAlive('consumer', 'consumer');
      const produced = producer.ask<{ attempted: number }>('produce', {
        count: campaignSize,
        perSecond: 150,
        sprinkle: { ACK: scaled(3) },
      });
      // RabbitMQ 3.10 forgets, when it is killed, a quorum queue that was declared in the last second or so.
      await reached('the first effects', () => campaign.lab.count('effects'), Math.min(campaignSize / 4, 450));
      const kills = { relay: 0, broker: 0 };
      const producing = { done: false };
      void produced.then(() => (producing.done = true));
      while (!producing.done || !kills.broker || !kills.relay) {
        await delay(300 + Math.random() * 1_500);
        if (kills.broker < scaled(1) && ((kills.broker === 0 && kills.relay > 0) || Math.random() < 0.3)) {
          await rabbit.kill('SIGKILL');
          await rabbit.restart();
          kills.broker++;
        } else {
          await campaign.replace('relay', 'relay');
          kills.relay++;
        }
      }
      const { attempted } = await produced;
      await reached('every effect', () => campaign.lab.count('effects'), attempted).catch(async (error) => {
        throw new Error(await campaign.diagnosis(rabbit), { cause: error });
      });
      await reached('every mark', () => campaign.lab.count('outbox', 'sent_at IS NOT NULL'), attempted);
      const books = await campaign.books();
      const { published, consumed } = await campaign.totals();
      report('kills', {
        attempted,
        'publishes confirmed (as far as counted)': published['confirmed'] ?? 0,
        'delivered anew (as far as counted)': consumed['done'] ?? 0,
        'redelivered and recognised': consumed['duplicate'] ?? 0,
        lost: books.lost,
        doubled: books.doubled,
        'kills of relay': kills.relay,
        'of broker': kills.broker,
        'of consumer': consumer.deaths,
      });
      expect(books).toEqual({
        committed: attempted,
        sent: attempted,
        effects: attempted,
        inbox: attempted,
        lost: 0,
        doubled: 0,
      });
      expect(consumer.deaths).toBeGreaterThan(0);
    },
  );
});
