import { describe, expect, it } from 'vitest';
import { campaignSize } from '#libs/testing';
import { campaignUnderFire } from '../../../tools/bench/campaign-kills.ts';

/** Mails in the hand of a sender when it is killed, as `campaigns` bounds them. */
const MAILS_IN_HAND = 32;

/** Full size: `MAIL_CAMPAIGN=10000 MAIL_KILLS=20 npm test campaign-kills`. */
describe('a campaign whose service, database, Redis and broker are killed on the way', () => {
  it('reaches every inbox exactly once and every mailbox, doubling no more mails than a kill had in hand', async () => {
    const users = campaignSize('MAIL_CAMPAIGN');
    const kills = campaignSize('MAIL_KILLS');
    const report = await campaignUnderFire(users, kills);
    process.stdout.write(`campaign under fire: ${JSON.stringify(report)}\n`);
    expect(Object.values(report.kills).reduce((sum, count) => sum + count, 0)).toBe(kills);
    expect(report.status).toBe('done');
    expect(report.inbox).toEqual({ missing: 0, doubled: 0 });
    expect(report.mail.lost).toBe(0);
    expect(report.mail.differentIds).toBe(0);
    expect(report.mail.doubled).toBeLessThanOrEqual(kills * MAILS_IN_HAND);
    expect(report.progress).toMatchObject({ total: 2 * users, pending: 0, sent: report.documents['sent'] });
  }, 900_000);
});
