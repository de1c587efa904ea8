import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '#libs/access';
import { PasswordChangedV1, sealSecret, TopUpSettledV1, UserVerificationRequestedV1 } from '#libs/contracts';
import type { AuditListDto } from '../src/audit/audit.dto.js';
import type {
  TemplateDto,
  TemplateListDto,
  TemplatePreviewDto,
  TemplateTextsDto,
  TemplateVersionDto,
  TemplateVersionListDto,
} from '../src/template-editing/template.dto.js';
import { STARTER_RU } from '../src/templates/starter.ru.js';
import { TEMPLATES } from '../src/templates/template.js';
import { TemplatesService } from '../src/templates/templates.service.js';
import { type LabUser, NotificationLab, SECRETS_KEY } from './lab.js';

const lab = new NotificationLab();
let admin: { userId: string; email: string; roles: Role[] };
beforeAll(async () => {
  await lab.start();
  const [known] = await lab.addContacts(1);
  admin = { ...known!, roles: ['public_user', 'admin'] };
});
afterAll(() => lab.stop());

const path = (key: string) => `/admin/templates/${key}`;
const get = async (key: string) => (await lab.call<TemplateDto>('GET', path(key), admin)).body;
const receipt = (subject: string, body = '{{ paid }} {{ credited }}') => ({ subject, body });

async function save(key: string, content: TemplateTextsDto): Promise<TemplateDto> {
  const revision = (await get(key)).draft?.revision ?? null;
  const { status, body } = await lab.call<TemplateDto>('PUT', `${path(key)}/draft`, admin, { content, revision });
  expect(status).toBe(200);
  return body;
}

async function publish(key: string, content: TemplateTextsDto) {
  const { draft } = await save(key, content);
  return lab.call<TemplateDto & { code: string; errors: { field: string; message: string }[] }>(
    'POST',
    `${path(key)}/publish`,
    admin,
    { revision: draft!.revision },
  );
}

async function topUp(user: LabUser) {
  const before = lab.mails.to(user.email).length;
  const event = new TopUpSettledV1({
    paymentId: randomUUID(),
    userId: user.userId,
    paidMinor: '2000',
    paidCurrency: 'EUR',
    creditedMinor: '2154',
    creditedCurrency: 'PNT',
    transactionId: randomUUID(),
    settledAt: '2026-11-23T10:00:00.000Z',
  });
  await lab.publish(event, { aggregateId: user.userId, aggregateVersion: before + 1 });
  return (await lab.mails.waitFor(user.email, before + 1)).at(-1)!.mail;
}

describe('a published template', () => {
  it('is what people get, in their language, else in English, from the next message on', async () => {
    const [anna, ivan] = [await lab.addUser('en'), await lab.addUser('ru')];
    expect((await topUp(ivan)).subject).toBe('Чек: 20,00 EUR');
    const first = await publish('top-up-receipt', { en: receipt('Thank you for {{ paid }}') });
    expect([first.status, first.body.version, first.body.draft]).toEqual([200, 1, null]);
    expect((await topUp(anna)).subject).toBe('Thank you for 20.00 EUR');
    // No Russian text of its own: ru-RU -> ru -> en.
    expect((await topUp(ivan)).subject).toBe('Thank you for 20.00 EUR');
    await publish('top-up-receipt', { en: receipt('Thank you'), ru: receipt('Спасибо за {{ paid }}') });
    expect((await topUp(ivan)).subject).toBe('Спасибо за 20,00 EUR');
  });

  it('stays what it was while a draft of it is written', async () => {
    await publish('welcome', { en: { subject: 'Come in', body: 'Hello' } });
    await save('welcome', { en: { subject: 'Come in {{ nobody', body: 'Hel' } });
    const { version, published, draft } = await get('welcome');
    expect([version, published.content.en!.subject, draft!.content.en!.subject]).toEqual([
      1,
      'Come in',
      'Come in {{ nobody',
    ]);
  });

  it('is in the history with its author, and brought back as a version of its own', async () => {
    const key = 'subscription-ended' as const;
    for (const subject of ['One {{ product }}', 'Two {{ product }}', 'Three {{ product }}']) {
      await publish(key, { en: { subject, body: '{{ product }}' } });
    }
    const back = await lab.call<TemplateDto>('POST', `${path(key)}/roll-back`, admin, { version: 1, current: 3 });
    expect(back.body.published).toMatchObject({ version: 4, restored: 1, publishedByAddress: admin.email });
    expect(back.body.published.content.en!.subject).toBe('One {{ product }}');
    const page = (query: string) =>
      lab.call<TemplateVersionListDto>('GET', `${path(key)}/versions?limit=3${query}`, admin);
    const { items, nextCursor } = (await page('')).body;
    const rest = (await page(`&cursor=${nextCursor}`)).body;
    expect([...items, ...rest.items].map(({ version }) => version)).toEqual([4, 3, 2, 1, 0]);
    expect(rest.nextCursor).toBeNull();
    const starter = await lab.call<TemplateDto>('POST', `${path(key)}/roll-back`, admin, { version: 0, current: 4 });
    expect(starter.body.published.content.ru).toEqual(STARTER_RU[key]);
    const two = await lab.call<TemplateVersionDto>('GET', `${path(key)}/versions/2`, admin);
    expect(two.body.content.en!.subject).toBe('Two {{ product }}');
  });
});

describe('publishing', () => {
  const link = { subject: 'x', body: '[Go]({{ link }})' };
  it.each<[string, string, TemplateTextsDto, RegExp]>([
    ['an unknown variable', 'welcome', { en: { subject: 'Dear {{ name }}', body: 'x' } }, /Nobody fills in {{ name }}/],
    [
      'an unknown variable in a condition',
      'welcome',
      { en: { subject: 'x', body: '{% if vip %}x{% endif %}' } },
      /vip/,
    ],
    ['a missing variable', 'verify-email', { en: { subject: 'x', body: 'No link' } }, /must show {{ link }}/],
    ['a part of a variable', 'top-up-receipt', { en: receipt('{{ paid.amountMinor }}') }, /has no parts/],
    [
      'the way to a prototype',
      'welcome',
      { en: { subject: 'x', body: '{{ constructor.constructor }}' } },
      /constructor/,
    ],
    ['a filter that is not allowed', 'welcome', { en: { subject: 'x', body: '{{ "x" | join }}' } }, /join/],
    ['a loop', 'welcome', { en: { subject: 'x', body: '{% for i in (1..9) %}x{% endfor %}' } }, /for/],
    ['a file', 'welcome', { en: { subject: 'x', body: '{% include "/etc/passwd" %}' } }, /include/],
    ['an open tag', 'verify-email', { en: { ...link, subject: '{% if link %}' } }, /if/],
    ['no English text', 'verify-email', { ru: link }, /English/],
    ['a fault in one of two languages', 'verify-email', { en: link, ru: { subject: 'x', body: 'x' } }, /must show/],
    ['an empty subject', 'welcome', { en: { subject: '{% if false %}x{% endif %}', body: 'x' } }, /empty/],
  ])('stops at %s, and nothing that is sent changes', async (_, key, content, fault) => {
    const before = await get(key);
    const { status, body } = await publish(key, content);
    expect([status, body.code]).toEqual([422, 'template.content_invalid']);
    expect(body.errors.map(({ message }) => message).join(' ')).toMatch(fault);
    expect((await get(key)).version).toBe(before.version);
  });

  it('of two administrators at once makes one version, and of a draft that was changed none', async () => {
    const key = 'account-unblocked';
    const { draft } = await save(key, { en: { subject: 'Open', body: 'x' } });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        lab.call<{ code?: string }>('POST', `${path(key)}/publish`, admin, { revision: draft!.revision }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
    expect((await get(key)).version).toBe(1);
    const seen = await save(key, { en: { subject: 'Mine', body: 'x' } });
    await save(key, { en: { subject: 'Another’s', body: 'x' } });
    const revision = seen.draft!.revision;
    for (const [method, action, body] of [
      ['POST', 'publish', { revision }],
      ['POST', 'draft/discard', { revision }],
      ['PUT', 'draft', { revision, content: { en: { subject: 'Mine again', body: 'x' } } }],
    ] as const) {
      const answer = await lab.call<{ code: string }>(method, `${path(key)}/${action}`, admin, body);
      expect([answer.status, answer.body.code]).toEqual([409, 'template.changed']);
    }
    expect((await get(key)).draft!.content.en!.subject).toBe('Another’s');
  });

  it('twice the same changes nothing', async () => {
    const content = { en: { subject: 'Same {{ at }}', body: 'x' } };
    expect((await publish('already-registered', content)).status).toBe(200);
    expect((await publish('already-registered', content)).body.code).toBe('template.nothing_to_publish');
  });

  it.each([
    ['a line break in the subject', { en: { subject: 'x\r\nBcc: evil@example.com', body: 'x' } }],
    ['a field of another kind', { en: { subject: 'x', body: 'x', html: '<script>' } }],
    ['a body that is too long', { en: { subject: 'x', body: 'x'.repeat(20_001) } }],
    ['an unknown language', { de: { subject: 'x', body: 'x' } }],
  ])('is far away when a draft has %s', async (_, content) => {
    const answer = await lab.call('PUT', `${path('welcome')}/draft`, admin, { content, revision: null });
    expect(answer.status).toBe(422);
  });
});

describe('a stored template that has become broken', () => {
  it.each([
    ['cannot be parsed', 'x {% bogus %}'],
    ['uses a filter that is gone', '{{ changedAt | gone }}'],
    // Ten times ten thousand characters: more memory than a rendering may use.
    ['grows too large when it is filled', `{{ "${'x'.repeat(12_000)}" ${'| upcase | downcase '.repeat(10)}}}`],
  ])('and %s does not stop the mail: the starter text goes out, and the list says so', async (_, body) => {
    const user = await lab.addUser();
    const { version } = await get('password-changed');
    await lab.db.collection('template_versions').insertOne({
      _id: `password-changed:${version + 1}` as never,
      key: 'password-changed',
      version: version + 1,
      content: { en: { subject: 'Broken', body } },
      publishedBy: admin.userId,
      publishedAt: new Date(),
    });
    lab.app.get(TemplatesService).forget();
    const changed = {
      userId: user.userId,
      email: user.email,
      locale: user.locale,
      changedAt: new Date().toISOString(),
    };
    await lab.publish(new PasswordChangedV1(changed), { aggregateId: user.userId, aggregateVersion: 2 });
    const [arrived] = await lab.mails.waitFor(user.email);
    expect(arrived!.mail.subject).toBe('Your password was changed');
    const { items } = (await lab.call<TemplateListDto>('GET', '/admin/templates', admin)).body;
    expect(items.find(({ key }) => key === 'password-changed')!.broken).toMatch(/^en: /);
    expect(items.filter(({ broken }) => broken)).toHaveLength(1);
  });
});

describe('looking at a text', () => {
  const preview = (key: string, body: object, as = admin) =>
    lab.call<TemplatePreviewDto>('POST', `${path(key)}/preview`, as, body);

  it('as a user shows what the last message told this user, in the language of the text', async () => {
    const user = await lab.addUser('ru');
    await topUp(user);
    const text = receipt('Чек {{ paid }}');
    const { body } = await preview('top-up-receipt', { text, locale: 'ru', user: user.email });
    expect([body.subject, body.user]).toEqual([
      'Чек 20,00 EUR',
      { userId: user.userId, address: user.email, locale: 'ru', lastMessage: true },
    ]);
    expect((await preview('top-up-receipt', { text, locale: 'ru', user: 'nobody@example.com' })).status).toBe(422);
  });

  it('never shows a secret link, and says what would stop publishing', async () => {
    const userId = randomUUID();
    const email = `${userId}@example.com`;
    const sealedLink = sealSecret('https://cinema.example/?token=s3cr3t', SECRETS_KEY);
    const expiresAt = new Date().toISOString();
    lab.mails.behaviour = () => ({ code: 451, message: 'later' });
    await lab.publish(new UserVerificationRequestedV1({ userId, email, locale: 'en', sealedLink, expiresAt }), {
      aggregateId: userId,
      aggregateVersion: 1,
    });
    await lab.until(async () => (await lab.db.collection('deliveries').countDocuments({ userId, attempts: 1 })) === 1);
    lab.mails.behaviour = () => undefined;
    await lab.db.collection('contacts').insertOne({ _id: userId as never, email, locale: 'en', emailVerified: false });
    const text = { subject: 'x', body: '{{ link }} {{ name }}' };
    const { body } = await preview('verify-email', { text, locale: 'en', user: userId.toUpperCase() });
    expect(body.user!.lastMessage).toBe(true);
    expect(body.text).toContain('https://example.com/link');
    expect(JSON.stringify(body)).not.toContain('s3cr3t');
    expect(JSON.stringify(body)).not.toContain(sealedLink);
    expect(body.faults).toEqual([{ code: 'unknown_variable', about: 'name', message: 'Nobody fills in {{ name }}.' }]);
  });

  it('sends a test with samples to oneself only', async () => {
    const text = { subject: 'A test', body: '[Go]({{ link }})' };
    const { body } = await lab.call('POST', `${path('verify-email')}/test`, admin, { text, locale: 'en' });
    expect(body).toMatchObject({ state: 'sent' });
    const [arrived] = await lab.mails.waitFor(admin.email);
    expect(arrived!.mail.text).toContain('Go: https://example.com/link');
    const broken = { text: { subject: 'x', body: '{% bogus %}' }, locale: 'en' };
    expect((await lab.call('POST', `${path('verify-email')}/test`, admin, broken)).status).toBe(422);
    expect(lab.mails.to(admin.email)).toHaveLength(1);
  });
});

describe('templates', () => {
  it('are all listed, and each act on them is in the audit log', async () => {
    const { items } = (await lab.call<TemplateListDto>('GET', '/admin/templates', admin)).body;
    expect(items.map(({ key }) => key)).toEqual(Object.keys(TEMPLATES));
    const log = (await lab.call<AuditListDto>('GET', '/admin/audit?limit=100', admin)).body.items;
    const acts = new Set(log.map(({ action }) => action));
    for (const act of ['draft_saved', 'published', 'rolled_back', 'test_sent', 'previewed_as_user']) {
      expect(acts).toContain(`template.${act}`);
    }
    expect(log.every(({ by, byAddress }) => by === admin.userId && byAddress === admin.email)).toBe(true);
  });

  it.each([
    ['GET', ''],
    ['GET', '/welcome'],
    ['PUT', '/welcome/draft'],
    ['POST', '/welcome/draft/discard'],
    ['POST', '/welcome/publish'],
    ['POST', '/welcome/roll-back'],
    ['POST', '/welcome/preview'],
    ['POST', '/welcome/test'],
    ['GET', '/welcome/versions'],
    ['GET', '/welcome/versions/1'],
  ])('are closed to who is no administrator: %s %s', async (method, route) => {
    const user = { userId: randomUUID(), roles: ['public_user'] as Role[] };
    const body = method === 'GET' ? undefined : {};
    expect((await lab.call(method, `/admin/templates${route}`, user, body)).status).toBe(403);
    expect((await lab.call(method, `/admin/templates${route}`, undefined, body)).status).toBe(401);
  });

  it.each(['nothing', '__proto__', 'constructor', '%00', 'welcome%2f..'])(
    'of the name %s do not exist',
    async (name) => {
      expect([400, 404, 422]).toContain((await lab.call('GET', `/admin/templates/${name}`, admin)).status);
    },
  );
});
