import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '#libs/access';
import { PasswordChangedV1 } from '#libs/contracts';
import type { CampaignDto } from '../src/campaigns/campaign.dto.js';
import { type LabUser, NotificationLab } from './lab.js';

const lab = new NotificationLab();
const admin = { userId: randomUUID(), roles: ['admin'] as Role[] };
beforeAll(() => lab.start());
afterAll(() => lab.stop());

async function campaign(channels = ['inbox', 'email']): Promise<CampaignDto> {
  const content = { en: { subject: 'News', body: 'Something is new.' } };
  const { body } = await lab.call<CampaignDto>('POST', '/admin/campaigns', admin, {
    name: 'News',
    channels,
    audience: { type: 'all' },
    content,
  });
  await lab.call('POST', `/admin/campaigns/${body.id}/start`, admin, { confirm: true });
  let now = body;
  await lab.until(async () => {
    now = (await lab.call<CampaignDto>('GET', `/admin/campaigns/${body.id}`, admin)).body;
    return now.status === 'done';
  });
  return now;
}

const everything = { inbox: true, email: true };
const nothing = { inbox: false, email: false };

async function linkOf(user: LabUser): Promise<{ path: string; raw: string }> {
  const [arrived] = await lab.mails.waitFor(user.email);
  const unfolded = arrived!.raw.replace(/\r\n[ \t]+/g, ' ');
  const url = /^List-Unsubscribe: <([^>]+)>\r$/m.exec(unfolded)![1]!;
  return { path: new URL(url).pathname, raw: unfolded };
}

describe('the unsubscribe link of a marketing mail', () => {
  it('changes nothing when a scanner fetches it and every other link of the mail', async () => {
    const user = await lab.addUser();
    await campaign(['email']);
    const { path } = await linkOf(user);
    const links = [path, ...[...lab.mails.to(user.email)[0]!.raw.matchAll(/unsubscribe\/([\w.=-]+)/g)].map(() => path)];
    for (const link of links) {
      for (const method of ['GET', 'HEAD']) expect((await fetch(`${lab.url}${link}`, { method })).status).toBe(200);
    }
    const before = lab.mails.to(user.email).length;
    await campaign(['email']);
    expect(lab.mails.to(user.email)).toHaveLength(before + 1);
  });

  it('unsubscribes with one POST as mail programs send it, without signing in; security mail still comes', async () => {
    const user = await lab.addUser();
    await campaign(['email']);
    const { path, raw } = await linkOf(user);
    expect(raw).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
    const post = await fetch(`${lab.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
      redirect: 'error',
    });
    expect(post.status).toBe(200);
    const before = lab.mails.to(user.email).length;
    await campaign();
    expect(lab.mails.to(user.email)).toHaveLength(before);
    expect((await lab.call('GET', '/preferences', user)).body).toMatchObject({
      categories: { marketing: { inbox: true, email: false }, billing: everything },
    });
    await lab.publish(
      new PasswordChangedV1({
        userId: user.userId,
        email: user.email,
        locale: 'en',
        changedAt: new Date().toISOString(),
      }),
      { aggregateId: user.userId, aggregateVersion: 2 },
    );
    const mails = await lab.mails.waitFor(user.email, before + 1);
    expect(mails.at(-1)!.raw).not.toMatch(/List-Unsubscribe/i);
  });

  it('that was tampered with is not valid, and says so on a page', async () => {
    const user = await lab.addUser();
    await campaign(['email']);
    const { path } = await linkOf(user);
    for (const method of ['GET', 'POST']) {
      const answer = await fetch(`${lab.url}${path.replace(user.userId, admin.userId)}`, { method });
      expect(answer.status).toBe(404);
      expect(await answer.text()).toContain('This link is not valid');
    }
  });

  it('opens a page in the language of its reader', async () => {
    const user = await lab.addUser('ru');
    await campaign(['email']);
    const { path } = await linkOf(user);
    const answer = await fetch(`${lab.url}${path}`, { headers: { 'accept-language': 'ru' } });
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(await answer.text()).toContain('Отписаться');
  });
});

describe('preferences', () => {
  it('keep a category out of the inbox and the mailbox, for their owner only', async () => {
    const [user, other] = [await lab.addUser(), await lab.addUser()];
    const wishes = {
      categories: { billing: everything, product: everything, marketing: nothing },
      quietHours: null,
      marketingPerDay: 3,
    };
    expect((await lab.call('PUT', '/preferences', user, wishes)).body).toEqual(wishes);
    await campaign();
    await lab.mails.waitFor(other.email);
    expect(lab.mails.to(user.email)).toEqual([]);
    expect((await lab.call('GET', '/notifications/unread-count', user)).body).toEqual({ unread: 0 });
    expect((await lab.call('GET', '/notifications/unread-count', other)).body).toEqual({ unread: 1 });
  });

  const valid = { categories: { billing: everything, product: everything, marketing: everything }, quietHours: null };
  it.each([
    ['security among the categories', { ...valid, categories: { ...valid.categories, security: nothing } }],
    ['a missing category', { ...valid, categories: { billing: everything } }],
    ['an unknown time zone', { ...valid, quietHours: { from: '22:00', to: '08:00', timeZone: 'Mars/Base' } }],
    ['an hour that does not exist', { ...valid, quietHours: { from: '25:00', to: '08:00', timeZone: 'UTC' } }],
    ['a cap above ours', { ...valid, marketingPerDay: 1_000 }],
    ['no body', {}],
  ])('with %s are refused with 422', async (_, body) => {
    expect((await lab.call('PUT', '/preferences', admin, body)).status).toBe(422);
  });
});

describe('quiet hours', () => {
  it('hold marketing back without dropping it and let security mail pass', async () => {
    const user = await lab.addUser();
    const [from, to] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 3_600_000)].map((at) =>
      at.toISOString().slice(11, 16),
    );
    const quietHours = { from, to, timeZone: 'UTC' };
    await lab.call('PUT', '/preferences', user, {
      categories: { billing: everything, product: everything, marketing: everything },
      quietHours,
    });
    const content = { en: { subject: 'Night', body: 'x' } };
    const { body } = await lab.call<CampaignDto>('POST', '/admin/campaigns', admin, {
      name: 'Night',
      channels: ['email'],
      audience: { type: 'all' },
      content,
    });
    await lab.call('POST', `/admin/campaigns/${body.id}/start`, admin, { confirm: true });
    const delivery = () =>
      lab.db.collection('deliveries').findOne({ messageKey: `campaign:${body.id}`, userId: user.userId });
    await lab.until(async () => (await delivery())?.['reason'] === 'quiet_hours');
    expect(await delivery()).toMatchObject({ state: 'pending', attempts: 0 });
    expect(((await delivery())!['nextAttemptAt'] as Date).toISOString().slice(11, 16)).toBe(to);
    await lab.publish(
      new PasswordChangedV1({
        userId: user.userId,
        email: user.email,
        locale: 'en',
        changedAt: new Date().toISOString(),
      }),
      { aggregateId: user.userId, aggregateVersion: 2 },
    );
    await lab.mails.waitFor(user.email);
    expect(lab.mails.to(user.email).map(({ mail }) => mail.subject)).toEqual(['Your password was changed']);
  });
});
