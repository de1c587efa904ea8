import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Role } from '#libs/access';
import { EntitlementChangedV1 } from '#libs/contracts';
import type { CampaignDto } from '../src/campaigns/campaign.dto.js';
import type { TestResultDto } from '../src/mail/test-result.dto.js';
import { ContactsRepository } from '../src/contacts/contacts.repository.js';
import { NotificationLab } from './lab.js';

const lab = new NotificationLab();
const admin = { userId: randomUUID(), roles: ['admin'] as Role[] };
const second = { userId: randomUUID(), roles: ['super_user'] as Role[] };
beforeAll(() => lab.start());
afterAll(() => lab.stop());
beforeEach(async () => {
  lab.mails.delayMs = 0;
  lab.mails.behaviour = () => undefined;
  for (const collection of ['contacts', 'campaigns']) await lab.db.collection(collection).deleteMany({});
});

const draft = {
  name: 'News',
  channels: ['email'],
  audience: { type: 'all' } as Record<string, unknown>,
  content: { en: { subject: 'News', body: 'Something **new**.' } },
};
const act = (id: string, action: string, body?: unknown, as = admin) =>
  lab.call<CampaignDto>('POST', `/admin/campaigns/${id}/${action}`, as, body);
const get = async (id: string): Promise<CampaignDto> =>
  (await lab.call<CampaignDto>('GET', `/admin/campaigns/${id}`, admin)).body;
async function create(over: Partial<typeof draft> = {}): Promise<string> {
  return (await lab.call<CampaignDto>('POST', '/admin/campaigns', admin, { ...draft, ...over })).body.id;
}
async function reaches(id: string, holds: (campaign: CampaignDto) => boolean): Promise<CampaignDto> {
  let campaign = await get(id);
  await lab.until(async () => holds((campaign = await get(id))));
  return campaign;
}

describe('a running campaign', () => {
  it('pauses, goes on where it was, and nobody is missed or written to twice', async () => {
    const users = await lab.addContacts(400);
    lab.mails.delayMs = 40;
    const id = await create();
    expect((await act(id, 'start')).status).toBe(202);
    await reaches(id, ({ progress }) => progress.sent > 0);
    expect((await act(id, 'pause')).body.status).toBe('paused');
    const sentIn = async (): Promise<number> => (await get(id)).progress.sent;
    let last = -1;
    await lab.until(async () => {
      const before = last;
      last = await sentIn();
      await new Promise((resolve) => setTimeout(resolve, 500));
      return last === before;
    });
    expect(last).toBeLessThan(400);
    expect((await act(id, 'pause')).status).toBe(409);
    expect((await act(id, 'resume')).body.status).toBe('running');
    const { progress } = await reaches(id, ({ status }) => status === 'done');
    expect(progress).toEqual({ total: 400, pending: 0, sent: 400, failed: 0, skipped: 0 });
    for (const { email } of users) expect(lab.mails.to(email)).toHaveLength(1);
  });

  it('that is cancelled skips the rest with that reason', async () => {
    await lab.addContacts(400);
    lab.mails.delayMs = 40;
    const id = await create();
    await act(id, 'start');
    await reaches(id, ({ progress }) => progress.sent > 0);
    expect((await act(id, 'cancel')).body.status).toBe('cancelled');
    const { progress } = await reaches(id, ({ finishedAt }) => finishedAt !== null);
    expect(progress.pending).toBe(0);
    expect(progress.sent + progress.skipped).toBe(400);
    expect(progress.skipped).toBeGreaterThan(0);
    expect((await act(id, 'resume')).status).toBe(409);
  });

  it('sends again only what failed', async () => {
    const [bad, good] = await lab.addContacts(2);
    lab.mails.behaviour = (address) => (address === bad!.email ? { code: 550, message: 'No' } : undefined);
    const id = await create();
    await act(id, 'start');
    await reaches(id, ({ status }) => status === 'partly_failed');
    lab.mails.behaviour = () => undefined;
    await lab.db.collection('suppressions').deleteMany({});
    expect((await act(id, 'retry-failed')).body.status).toBe('running');
    const { progress } = await reaches(id, ({ status }) => status === 'done');
    expect(progress).toMatchObject({ sent: 2, failed: 0 });
    expect([lab.mails.to(bad!.email).length, lab.mails.to(good!.email).length]).toEqual([1, 1]);
  });
});

describe('the start', () => {
  it('of a scheduled campaign comes by itself', async () => {
    const [user] = await lab.addContacts(1);
    const id = await create();
    const startAt = new Date(Date.now() + 1_500).toISOString();
    expect((await act(id, 'schedule', { startAt })).body).toMatchObject({ status: 'scheduled', scheduledFor: startAt });
    expect(lab.mails.to(user!.email)).toEqual([]);
    const { startedAt } = await reaches(id, ({ status }) => status === 'done');
    expect(Date.parse(startedAt!)).toBeGreaterThanOrEqual(Date.parse(startAt));
  });

  it('of a scheduled campaign can be called off', async () => {
    await lab.addContacts(1);
    const id = await create();
    await act(id, 'schedule', { startAt: new Date(Date.now() + 3_600_000).toISOString() });
    expect((await act(id, 'cancel')).body).toMatchObject({ status: 'draft', scheduledFor: null });
  });

  it('cannot lie in the past or be no time at all', async () => {
    await lab.addContacts(1);
    const id = await create();
    expect((await act(id, 'schedule', { startAt: '2020-01-01T00:00:00Z' })).status).toBe(422);
    for (const startAt of ['soon', '2100-01-01T00:00:00'])
      expect((await act(id, 'schedule', { startAt })).status).toBe(422);
    expect((await act(id, 'schedule', {})).status).toBe(422);
  });

  it('with nobody in the audience is refused', async () => {
    const refused = await act(await create(), 'start');
    expect(refused).toMatchObject({ status: 422, body: { code: 'campaign.audience_empty' } });
  });

  it('of a second campaign to everybody within a minute must be confirmed', async () => {
    await lab.addContacts(1);
    await act(await create(), 'start');
    const id = await create();
    expect(await act(id, 'start')).toMatchObject({ status: 409, body: { code: 'campaign.confirmation_needed' } });
    expect((await act(id, 'start', { confirm: true })).status).toBe(202);
  });

  it('of a large campaign needs the yes of a second administrator', async () => {
    await lab.addContacts(5_000, { blocked: false });
    const id = await create({ channels: ['inbox'] });
    expect(await act(id, 'start')).toMatchObject({
      status: 409,
      body: { code: 'campaign.approval_needed', recipients: 5_000 },
    });
    expect(await act(id, 'approve')).toMatchObject({ status: 403, body: { code: 'campaign.own_approval' } });
    expect((await act(id, 'approve', undefined, second)).body.approvedBy).toBe(second.userId);
    // Who changes the text needs a new yes.
    await lab.call('PUT', `/admin/campaigns/${id}`, admin, { ...draft, channels: ['inbox'], name: 'Other' });
    expect((await act(id, 'start')).status).toBe(409);
    await act(id, 'approve', undefined, second);
    expect((await act(id, 'start')).status).toBe(202);
    const { progress } = await reaches(id, ({ status }) => status === 'done');
    expect(progress.sent).toBe(5_000);
  });
});

describe('the second administrator', () => {
  const third = { userId: randomUUID(), roles: ['admin'] as Role[] };
  const rewrite = (id: string, as: typeof admin) =>
    lab.call<CampaignDto>('PUT', `/admin/campaigns/${id}`, as, { ...draft, channels: ['inbox'], name: 'Other' });

  it('is nobody who has written any of it', async () => {
    const id = await create({ channels: ['inbox'] });
    for (const author of [third, second]) expect((await rewrite(id, author)).status).toBe(200);
    for (const author of [admin, second, third]) {
      const refused = await act(id, 'approve', undefined, author);
      expect(refused).toMatchObject({ status: 403, body: { code: 'campaign.own_approval' } });
    }
  });

  it('approves what was looked at, not what was written meanwhile', async () => {
    const id = await create({ channels: ['inbox'] });
    const { revision } = await get(id);
    expect((await rewrite(id, admin)).body.revision).toBe(revision + 1);
    const late = await act(id, 'approve', { revision }, second);
    expect(late).toMatchObject({ status: 409, body: { code: 'campaign.changed' } });
    expect((await get(id)).approvedBy).toBeNull();
    expect((await act(id, 'approve', { revision: revision + 1 }, second)).body.approvedBy).toBe(second.userId);
    expect((await act(id, 'approve', { revision: '1' }, second)).status).toBe(422);
  });

  it.each([
    ['start', { confirm: true }],
    ['schedule', { startAt: new Date(Date.now() + 3_600_000).toISOString() }],
  ])('is asked again when the text changes between the look at the approval and the %s', async (action, body) => {
    await lab.addContacts(5_000);
    const id = await create({ channels: ['inbox'] });
    await act(id, 'approve', undefined, second);
    const contacts = lab.app.get(ContactsRepository);
    const count = contacts.count.bind(contacts);
    const counted = vi.spyOn(contacts, 'count').mockImplementationOnce(async (filter) => {
      await rewrite(id, admin);
      return count(filter);
    });
    expect(await act(id, action, body)).toMatchObject({ status: 409, body: { code: 'campaign.changed' } });
    counted.mockRestore();
    expect(await get(id)).toMatchObject({ status: 'draft', approvedBy: null });
    expect(await act(id, action, body)).toMatchObject({ status: 409, body: { code: 'campaign.approval_needed' } });
  });
});

describe('a draft', () => {
  it('is made once by a request that is repeated', async () => {
    const headers = {
      authorization: `Bearer ${lab.issuer.token(admin.userId, admin.roles)}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    };
    const make = async () =>
      (
        (await (
          await fetch(`${lab.url}/admin/campaigns`, { method: 'POST', headers, body: JSON.stringify(draft) })
        ).json()) as CampaignDto
      ).id;
    const ids = await Promise.all(Array.from({ length: 5 }, make));
    expect(new Set(ids).size).toBe(1);
    expect(await lab.db.collection('campaigns').countDocuments()).toBe(1);
  });

  it('can be changed until it starts', async () => {
    await lab.addContacts(1);
    const id = await create();
    const body = { ...draft, name: 'Better' };
    expect((await lab.call<CampaignDto>('PUT', `/admin/campaigns/${id}`, admin, body)).body.name).toBe('Better');
    await act(id, 'start');
    expect((await lab.call('PUT', `/admin/campaigns/${id}`, admin, body)).status).toBe(409);
  });

  it('is sent to its author as a test, and to nobody else', async () => {
    const [author, other] = await lab.addContacts(2);
    const id = await create();
    const as = { userId: author!.userId, roles: admin.roles };
    const result = await lab.call<TestResultDto>('POST', `/admin/campaigns/${id}/test`, as, { locale: 'en' });
    expect(result).toMatchObject({ status: 200, body: { state: 'sent' } });
    expect(lab.mails.to(author!.email)).toHaveLength(1);
    expect(lab.mails.to(other!.email)).toEqual([]);
    expect((await get(id)).progress.total).toBe(0);
  });
});

describe('an audience', () => {
  const count = async (audience: unknown): Promise<number | undefined> =>
    (await lab.call<{ recipients?: number }>('POST', '/admin/campaigns/count', admin, { audience })).body.recipients;
  const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000);

  it('is counted as it will be sent', async () => {
    await lab.addContacts(2, { roles: ['admin'], devices: ['tv'] });
    await lab.addContacts(3, { currencies: ['CNY'], lastSeenAt: inDays(-20) });
    await lab.addContacts(4, { plans: { cinema: { activeUntil: inDays(2) } }, lastSeenAt: inDays(-1) });
    await lab.addContacts(5, { plans: { cinema: { activeUntil: inDays(-2) } } });
    await lab.addContacts(6, { blocked: true });
    await lab.addContacts(1, { blocked: true, blockedUntil: inDays(1) });
    await lab.addContacts(1, { blocked: true, blockedUntil: inDays(-1) });
    const [listed] = await lab.addContacts(1);
    const plan = (state: string, days?: number) => ({
      type: 'segment',
      plan: { product: 'cinema', state, ...(days && { days }) },
    });
    expect(await count({ type: 'all' })).toBe(16);
    expect(await count({ type: 'segment', roles: ['admin'] })).toBe(2);
    expect(await count({ type: 'segment', devices: ['tv'], locales: ['en'] })).toBe(1);
    expect(await count({ type: 'segment', currencies: ['CNY'] })).toBe(3);
    expect(await count({ type: 'segment', unseenDays: 14 })).toBe(3);
    expect(await count(plan('active'))).toBe(4);
    expect(await count(plan('ending', 3))).toBe(4);
    expect(await count(plan('ending', 1))).toBe(0);
    expect(await count(plan('ended'))).toBe(5);
    expect(await count(plan('never'))).toBe(7);
    expect(await count({ type: 'list', addresses: [listed!.email, 'nobody@example.com'] })).toBe(1);
  });

  it.each([
    { type: 'segment', roles: ['root'] },
    { type: 'segment', plan: { product: 'x', state: { $ne: null } } },
    { type: 'segment', devices: [{ $gt: '' }] },
    { type: 'list' },
    { type: 'list', addresses: [] },
    { type: 'list', addresses: ['a@b.c\r\nBcc: d@e.f'] },
    { type: 'segment', $where: '1' },
    { type: 'segment' },
    { type: 'segment', plan: null },
  ])('of %j is refused with 422', async (audience) => {
    expect((await lab.call('POST', '/admin/campaigns/count', admin, { audience })).status).toBe(422);
  });

  it('is asked again when it is sent: who has renewed meanwhile gets no reminder', async () => {
    const plans = { cinema: { activeUntil: inDays(2) } };
    const [renews, stays] = await lab.addContacts(2, { plans });
    lab.mails.delayMs = 20;
    const id = await create({ audience: { type: 'segment', plan: { product: 'cinema', state: 'ending' } } });
    await act(id, 'pause');
    await lab.db
      .collection('campaigns')
      .updateOne({ _id: id as never }, { $set: { status: 'paused', startedAt: new Date() } });
    await lab.db.collection('campaigns').updateOne({ _id: id as never }, { $set: { snapshotDone: true } });
    const now = new Date();
    await lab.db.collection('deliveries').insertMany(
      [renews!, stays!].map(({ userId }) => ({
        _id: randomUUID() as never,
        messageKey: `campaign:${id}`,
        campaignId: id,
        userId,
        channel: 'email',
        class: 'marketing',
        lane: 'bulk',
        state: 'pending',
        attempts: 0,
        nextAttemptAt: now,
        createdAt: now,
      })),
    );
    await lab.publish(
      new EntitlementChangedV1({
        userId: renews!.userId,
        product: 'cinema',
        activeUntil: inDays(90).toISOString(),
        version: 2,
      }),
      { aggregateId: renews!.userId, aggregateVersion: 2 },
    );
    await lab.until(async () => (await count({ type: 'segment', plan: { product: 'cinema', state: 'ending' } })) === 1);
    await act(id, 'resume');
    const { progress } = await reaches(id, ({ status }) => status === 'done');
    expect(progress).toMatchObject({ sent: 1, skipped: 1 });
    expect(await lab.db.collection('deliveries').findOne({ campaignId: id, userId: renews!.userId })).toMatchObject({
      reason: 'no_longer_meant',
    });
  });
});

describe('the results', () => {
  it('are a table of every message that no spreadsheet takes for formulas', async () => {
    await lab.addContacts(3);
    const [evil] = await lab.addContacts(1);
    await lab.db
      .collection('contacts')
      .updateOne({ _id: evil!.userId as never }, { $set: { email: '=cmd@example.com' } });
    const id = await create();
    await act(id, 'start');
    await reaches(id, ({ status }) => status === 'done');
    const answer = await fetch(`${lab.url}/admin/campaigns/${id}/results.csv`, {
      headers: { authorization: `Bearer ${lab.issuer.token(admin.userId, admin.roles)}` },
    });
    const lines = (await answer.text()).trim().split('\r\n');
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(lines[0]).toBe('user,address,channel,state,reason,tries,answer,finished');
    expect(lines).toHaveLength(5);
    expect(lines.find((line) => line.includes('cmd@example.com'))).toContain(",'=cmd@example.com,email,sent,");
  });
});
