import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '#libs/access';
import { UserBlockedV1 } from '#libs/contracts';
import type { CampaignDto } from '../src/campaigns/campaign.dto.js';
import { NotificationLab } from './lab.js';

const lab = new NotificationLab();
const admin = { userId: randomUUID(), roles: ['admin'] as Role[] };
beforeAll(() => lab.start());
afterAll(() => lab.stop());

const draft = {
  name: 'A new film',
  channels: ['inbox', 'email'],
  audience: { type: 'all' },
  content: {
    en: {
      subject: 'A new film is out',
      body: '# A new film\n\nWatch it **today**, {{ email }}.\n\n[Watch](https://cinema.example/film)',
    },
    ru: { subject: 'Вышел новый фильм', body: '# Новый фильм\n\nСмотрите **сегодня**, {{ email }}.' },
  },
};

const start = (id: string) => lab.call<CampaignDto>('POST', `/admin/campaigns/${id}/start`, admin, { confirm: true });
const create = (body: unknown) => lab.call<CampaignDto>('POST', '/admin/campaigns', admin, body);

async function finished(id: string): Promise<CampaignDto> {
  let campaign!: CampaignDto;
  await lab.until(async () => {
    campaign = (await lab.call<CampaignDto>('GET', `/admin/campaigns/${id}`, admin)).body;
    return campaign.status !== 'running';
  });
  return campaign;
}

describe('a campaign to all', () => {
  it('reaches every verified user once in inbox and mailbox, in their language, and reports it', async () => {
    const [reader, maria, blocked, unverified] = [
      await lab.addUser('en'),
      await lab.addUser('ru'),
      await lab.addUser('en'),
      await lab.addUser('en', { emailVerified: false }),
    ];
    await lab.publish(new UserBlockedV1({ userId: blocked.userId, blocked: true, at: new Date().toISOString() }), {
      aggregateId: blocked.userId,
      aggregateVersion: 2,
    });
    await lab.until(async () => (await lab.db.collection('contacts').countDocuments({ blocked: true })) === 1);

    const created = await create(draft);
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({ status: 'draft', progress: { total: 0 } });
    expect((await start(created.body.id)).status).toBe(202);
    const { status, progress } = await finished(created.body.id);
    expect(status).toBe('done');
    expect(progress).toEqual({ total: 6, pending: 0, sent: 5, failed: 0, skipped: 1 });

    expect(lab.mails.to(reader.email).map(({ mail }) => mail.subject)).toEqual(['A new film is out']);
    expect(lab.mails.to(maria.email).map(({ mail }) => mail.subject)).toEqual(['Вышел новый фильм']);
    expect(lab.mails.to(reader.email)[0]!.mail.text).toContain(`Watch it today, ${reader.email}.`);
    expect(lab.mails.to(blocked.email).map(({ mail }) => mail.subject)).toEqual(['Your account is blocked']);
    expect(lab.mails.to(unverified.email)).toEqual([]);
    const inbox = await lab.call<{ items: { title: string }[] }>('GET', '/notifications', maria);
    expect(inbox.body.items.map(({ title }) => title)).toEqual(['Вышел новый фильм']);
  });

  it('starts once: the second start is a conflict', async () => {
    const { id } = (await create(draft)).body;
    const starts = await Promise.all(Array.from({ length: 5 }, () => start(id)));
    expect(starts.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409, 409, 409, 409]);
    await finished(id);
  });

  it('names what failed and is then partly failed', async () => {
    const refused = await lab.addUser('en');
    lab.mails.behaviour = (address) => (address === refused.email ? { code: 550, message: 'No such user' } : undefined);
    const { id } = (await create({ ...draft, channels: ['email'] })).body;
    await start(id);
    expect(await finished(id)).toMatchObject({ status: 'partly_failed', progress: { failed: 1 } });
    const failed = await lab.db
      .collection('deliveries')
      .findOne({ messageKey: `campaign:${id}`, userId: refused.userId });
    expect(failed).toMatchObject({
      state: 'failed',
      reason: 'address_refused',
      response: expect.stringContaining('550') as string,
    });
  });
});

describe('a draft', () => {
  it.each([
    ['a variable nobody fills in', { en: { subject: 'Hello {{ name }}', body: 'x' } }],
    ['a broken template', { en: { subject: 'Hello', body: '{% if %}' } }],
    ['a tag that is not allowed', { en: { subject: 'Hello', body: '{% for i in (1..1000000000) %}x{% endfor %}' } }],
    ['access to the prototype', { en: { subject: '{{ constructor.constructor }}', body: 'x' } }],
    ['no text at all', {}],
    ['an empty subject', { en: { subject: '', body: 'x' } }],
  ])('with %s is refused with 422', async (_, content) => {
    expect((await create({ ...draft, content })).status).toBe(422);
  });

  it('with anything that ends a line or turns its direction in a header field makes nothing and sends nothing', async () => {
    const [before, mails] = [await lab.db.collection('campaigns').countDocuments(), lab.mails.arrived.length];
    const hostile = ['\r\n', '\n', '\r', '\0', '\v', '\u0085', '\u2028', '\u2029', '\u202e', '\u2066'];
    const content = (end: string) => ({ subject: `Hello${end}Bcc: evil@example.com`, body: 'x' });
    const bodies = hostile.flatMap((end) => [
      { ...draft, content: { en: content(end) } },
      { ...draft, content: { ...draft.content, ru: content(end) } },
      { ...draft, name: `A film${end}X: y` },
      { ...draft, audience: { type: 'list', addresses: [`a@example.com${end}Bcc: evil@example.com`] } },
    ]);
    const answers = await Promise.all(bodies.map(create));
    expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 422));
    expect(await lab.db.collection('campaigns').countDocuments()).toBe(before);
    expect(lab.mails.arrived).toHaveLength(mails);
  });

  it.each([
    ['an unknown field', { ...draft, isAdmin: true }],
    ['an unknown channel', { ...draft, channels: ['pigeon'] }],
    ['no content', { ...draft, content: undefined }],
    ['no channel', { ...draft, channels: [] }],
    ['an unknown audience', { ...draft, audience: { type: 'none' } }],
  ])('with %s is refused with 422', async (_, body) => {
    expect((await create(body)).status).toBe(422);
  });

  it('is for administrators: others get 403, strangers 401', async () => {
    expect((await lab.call('POST', '/admin/campaigns', { userId: randomUUID() }, draft)).status).toBe(403);
    expect((await lab.call('POST', '/admin/campaigns', undefined, draft)).status).toBe(401);
    expect((await lab.call('GET', `/admin/campaigns/${randomUUID()}`, admin)).status).toBe(404);
  });
});
