import { afterEach, describe, expect, it } from 'vitest';
import { campaignSize } from '../../tools/bench/campaign-size.ts';
import { Campaign, report } from './campaign.js';
import { reached } from './events-lab.js';

let campaign: Campaign;
afterEach(() => campaign.close());

describe('transactions that stay open for up to 10 s while others commit', () => {
  it('are not skipped, and a fifth that is rolled back leaves no event', { timeout: 1_800_000 }, async () => {
    campaign = await Campaign.open();
    const [producer] = await Promise.all([
      campaign.start('producer', 'producer'),
      campaign.start('relay', 'relay'),
      campaign.start('second relay', 'relay'),
      campaign.start('consumer', 'consumer'),
      campaign.start('second consumer', 'consumer'),
    ]);
    const tally = await producer.ask<{ attempted: number; committed: number; rolledBack: number; failed: number }>(
      'produce',
      {
        count: campaignSize,
        concurrency: 20,
        holdMs: 10_000,
        rollbackShare: 0.2,
      },
    );
    await reached('every effect', () => campaign.lab.count('effects'), tally.committed);
    const books = await campaign.books();
    report('transactions', { ...tally, ...books });
    expect(tally.rolledBack).toBeGreaterThan(campaignSize * 0.1);
    expect(tally.committed + tally.rolledBack).toBe(campaignSize);
    expect(books).toMatchObject({ committed: tally.committed, effects: tally.committed, lost: 0, doubled: 0 });
  });
});
