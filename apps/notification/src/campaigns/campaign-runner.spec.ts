import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { CampaignRunner } from './campaign-runner.service.js';
import type { Campaign } from './campaign.schema.js';

it('survives a database that goes away while one batch is being sent and the next is being taken', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.prependListener('unhandledRejection', note);
  const campaign = {
    _id: 'c',
    status: 'running',
    snapshotDone: true,
    content: { en: { subject: 'A film', body: 'Tonight.' } },
  } as Campaign;
  let taken = 0;
  const runner = new CampaignRunner(
    { find: () => Promise.resolve(campaign) } as never,
    {
      takeOfCampaign: () =>
        taken++ === 0
          ? Promise.resolve({ claim: 'a', taken: [{ _id: 'd' }] })
          : Promise.reject(new Error('the database is away')),
    } as never,
    {} as never,
    { send: () => delay(20) } as never,
    { rests: () => false } as never,
  );
  await expect(runner.run('c')).rejects.toThrow('the database is away');
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
