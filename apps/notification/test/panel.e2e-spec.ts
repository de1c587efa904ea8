import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Role } from '#libs/access';
import { sealSecret, UserBlockedV1, UserVerificationRequestedV1 } from '#libs/contracts';
import { testStores } from '#libs/testing';
import { NotificationLab, SECRETS_KEY } from './lab.js';

const lab = new NotificationLab();
const artefacts = join(import.meta.dirname, '../../../.local/artefacts/panel');
let browser: Browser;
let page: Page;
const faults: string[] = [];

const CODE = '123456';

/** Ways to make a page run something or load something. */
const ATTACKS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  '<svg><animate onbegin=alert(1) attributeName=x dur=1s>',
  '<details open ontoggle=alert(1)>',
  '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
  '<form action="javascript:alert(1)"><input type=submit></form>',
  '<a href="javascript:alert(1)">x</a>',
  '<base href="javascript:alert(1)//">',
  '<object data="data:text/html,<script>alert(1)</script>"></object>',
  '<link rel=stylesheet href="//evil.example/x.css">',
  '<style>@import "//evil.example/x.css";body{background:url(//evil.example/x)}</style>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '</title><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '[x](javascript:alert(1))',
  '[x](JaVa&#09;ScRiPt:alert(1))',
  '[x](data:text/html,<script>alert(1)</script>)',
  '[x](https://cinema.example/"onmouseover="alert(1))',
  '[x](https://cinema.example "t\\" onmouseover=\\"alert(1)")',
  '![x](https://evil.example/x.png)',
  '<https://cinema.example/><javascript:alert(1)>',
  '`<img src=x onerror=alert(1)>`',
];

/** auth's answers, without auth: the panel knows it by its address only. Administrators have a second step unless it is still to be set up. */
async function standInForAuth(userId: string, roles: Role[], enrolled = roles.length > 1): Promise<void> {
  await page.route(`${lab.issuer.issuer}/**`, (route) => {
    const headers = {
      'access-control-allow-origin': lab.url,
      'access-control-allow-headers': '*',
      'access-control-allow-credentials': 'true',
    };
    if (route.request().method() === 'OPTIONS') return route.fulfill({ status: 204, headers });
    const path = new URL(route.request().url()).pathname;
    if (path === '/users/me') return route.fulfill({ status: 200, headers, json: { roles } });
    const { password, code, challenge } = (route.request().postDataJSON() ?? {}) as Record<string, string>;
    if (password === 'wrong')
      return route.fulfill({ status: 401, headers, json: { code: 'auth.credentials_invalid' } });
    if (path === '/auth/login' && enrolled) {
      return route.fulfill({ status: 401, headers, json: { code: 'auth.second_factor_required', challenge: 'c' } });
    }
    if (path === '/auth/mfa/verify' && (code !== CODE || challenge !== 'c')) {
      return route.fulfill({ status: 401, headers, json: { code: 'auth.second_factor_failed' } });
    }
    const tokens = {
      accessToken: lab.issuer.token(userId, enrolled ? roles : ['public_user']),
      tokenType: 'Bearer',
      expiresInSeconds: 600,
      refreshToken: 'r',
    };
    return route.fulfill({ status: 200, headers, json: tokens });
  });
}

async function signIn(password = 'right'): Promise<void> {
  await page.fill('[name=email]', 'admin@example.com');
  await page.fill('[name=password]', password);
  await page.click('form button');
}

async function giveCode(code: string): Promise<void> {
  await page.fill('[name=code]', code);
  await page.click('form button');
}

let deliveriesMade = 0;

/** A delivery as it stands in the database, newer than those before, to be completed. */
function message(userId: string, messageKey: string) {
  const now = new Date();
  const fixed = { class: 'billing', lane: 'standard', template: 'top-up-receipt', attempts: 1, nextAttemptAt: now };
  const _id = `01900000-0000-7000-8000-${String(++deliveriesMade).padStart(12, '0')}`;
  return { _id, userId, messageKey, ...fixed, createdAt: now };
}

const shot = (name: string) => page.screenshot({ path: join(artefacts, `${name}.png`), fullPage: true });
const figure = async (name: string): Promise<number> =>
  Number((await page.textContent(`[data-figure=${name}]`))!.replace(/\D/g, ''));
const rowsAre = (count: number) => lab.until(async () => (await page.locator('tbody tr').count()) === count);
const status = (name: string) => page.waitForSelector(`[data-status=${name}]`);

beforeAll(async () => {
  mkdirSync(artefacts, { recursive: true });
  await lab.start();
  browser = await chromium.launch({ executablePath: testStores().CHROMIUM_PATH, args: ['--no-sandbox'] });
  page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en' });
  page.on('pageerror', (error) => faults.push(error.message));
});
afterAll(async () => {
  await browser?.close();
  await lab.stop();
});

describe('the panel', () => {
  it('lets an administrator write in two languages, look, test, send, watch, pause, go on and retry', async () => {
    const [author, refused] = await lab.addContacts(200);
    await standInForAuth(author!.userId, ['public_user', 'admin']);
    await page.goto(`${lab.url}/admin`);
    await signIn('wrong');
    await page.waitForSelector('[role=alert]:visible');
    await signIn();
    await giveCode('000000');
    await page.waitForSelector('[role=alert]:visible');
    await giveCode(CODE);
    await page.click('text=New campaign');

    await page.fill('[name=name]', 'Autumn premiere');
    await page.uncheck('[value=inbox]');
    await page.fill('[name=subject-en]', 'A new film is out');
    await page.fill(
      '[name=body-en]',
      '# Night train\n\nDear {{ email }}\n\n<img src=x onerror="alert(1)">\n\n[Watch](https://cinema.example/film)',
    );
    await page.waitForSelector('iframe');
    const frame = page.frameLocator('iframe');
    await frame.locator('h1', { hasText: 'Night train' }).waitFor();
    expect(await frame.locator('img, script, [onerror]').count()).toBe(0);
    expect(await page.getAttribute('iframe', 'sandbox')).toBe('');
    await shot('composer');

    // The keyboard alone reaches the other language.
    await page.focus('#tab-en');
    await page.keyboard.press('ArrowRight');
    await page.fill('[name=subject-ru]', 'Вышел новый фильм');
    await page.fill('[name=body-ru]', '# Ночной поезд\n\n{{ name }}');
    await page.waitForSelector('[role=alert]:visible');
    await page.fill('[name=body-ru]', '# Ночной поезд\n\n{{ email }}');
    await frame.locator('h1', { hasText: 'Ночной поезд' }).waitFor();
    // Neither a segment without a condition nor a subscription without its product quietly becomes everybody.
    await page.selectOption('[name=audience]', 'segment');
    await page.waitForSelector('text=Choose at least one condition');
    expect(await page.locator('[name=audience]:invalid').count()).toBe(1);
    await page.selectOption('[name=plan-state]', 'ended');
    await page.waitForSelector('text=Name the product');
    await page.click('text=Save draft');
    expect(await page.locator('[name=product]:invalid').count()).toBe(1);
    // A list may come as a file.
    await page.selectOption('[name=audience]', 'list');
    const [known] = await lab.db.collection('contacts').find().limit(1).toArray();
    const upload = (text: string) =>
      page.setInputFiles('[name=addresses-file]', {
        name: 'list.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from(text),
      });
    await upload(`name;address\n"Ann";"${known!['email']}"\n"Nobody";"nobody@example.com"\n`);
    await page.waitForSelector('text=Recipients now: 1.');
    await upload('a@example.com\n'.repeat(20_000));
    await page.waitForSelector('text=The file is too large');
    expect(await page.locator('[name=addresses-file]:invalid').count()).toBe(1);
    await page.selectOption('[name=audience]', 'all');
    await page.waitForSelector('text=Recipients now: 200');
    await page.click('text=Save draft');

    await page.click('button:has-text("Approve")');
    await page.waitForSelector('[role=alert]:has-text("Another administrator")');
    await page.click('text=Send a test to me');
    await lab.mails.waitFor(author!.email);
    await page.waitForSelector('[role=status]:visible');

    lab.mails.delayMs = 60;
    lab.mails.behaviour = (address) =>
      address === refused!.email ? { code: 550, message: 'No such user' } : undefined;
    await page.click('button:has-text("Start")');
    await page.waitForSelector('dialog');
    await shot('confirmation');
    await page.click('text=Yes, send');
    await status('running');
    await lab.until(async () => (await figure('sent')) > 0);
    await shot('running');
    // The keyboard keeps its place while the figures move.
    await page.focus('button:has-text("Pause")');
    const before = await figure('sent');
    await lab.until(async () => (await figure('sent')) > before);
    await page.keyboard.press('Enter');
    await status('paused');
    await shot('paused');
    lab.mails.delayMs = 0;
    await page.click('button:has-text("Go on")');
    await status('partly_failed');
    await lab.until(async () => (await figure('pending')) === 0);
    expect([await figure('total'), await figure('sent'), await figure('failed')]).toEqual([200, 199, 1]);
    await shot('partly-failed');

    lab.mails.behaviour = () => undefined;
    await page.click('text=Suppressed');
    await page.click('button:has-text("Write again")');
    await page.click('dialog button >> text=Write again');
    await lab.until(async () => (await lab.db.collection('suppressions').countDocuments()) === 0);
    await page.goBack();
    await page.click('text=Send again what failed');
    await status('done');
    expect(await figure('sent')).toBe(200);
    expect(lab.mails.to(refused!.email)).toHaveLength(1);
    const campaigns = lab.db.collection('campaigns');
    const sample = (await campaigns.findOne({ name: 'Autumn premiere' }))!;
    await campaigns.insertMany(Array.from({ length: 50 }, () => ({ ...sample, _id: randomUUID() as never })));
    await page.click('a:has-text("All campaigns")');
    const listed = (count: number) => lab.until(async () => (await page.locator('.list li').count()) === count);
    await listed(50);
    await page.click('button:has-text("More")');
    await listed(51);
    await campaigns.deleteMany({ _id: { $ne: sample._id } });
    expect(faults).toEqual([]);
  });

  it('lets an administrator change a template in two languages, look at it as a user, test, publish and bring it back', async () => {
    await lab.addContacts(1, { email: 'reader@cinema.example', locale: 'ru' });
    const before = lab.mails.arrived.length;
    await page.click('nav >> text=Templates');
    await page.waitForSelector('text=Welcome');
    await shot('templates');
    await page.click('a[href="#/templates/verify-email"]');
    await page.waitForSelector('[data-version="0"]');
    await page.fill('[name=subject-en]', 'Prove that it is you');
    await page.fill('[name=body-en]', '# One step left\n\n<img src=x onerror="alert(1)">\n\n');
    await page.waitForSelector('[data-faults="1"]');
    await page.click('button:has-text("Publish")');
    await page.click('dialog button >> text=Publish');
    await page.waitForSelector('[role=alert]:has-text("must show {{ link }}")');
    expect(await page.getAttribute('[data-version]', 'data-version')).toBe('0');
    // Pressing a value puts it where the cursor is.
    await page.click('button:has-text("{{ link }}")');
    const frame = page.frameLocator('iframe');
    await frame.locator('text=https://example.com/link').waitFor();
    expect(await frame.locator('img, script, [onerror]').count()).toBe(0);
    expect(await page.getAttribute('iframe', 'sandbox')).toBe('');
    await page.focus('#tab-en');
    await page.keyboard.press('ArrowRight');
    await page.fill('[name=subject-ru]', 'Докажите, что это вы');
    await page.fill('[name=body-ru]', '# Остался один шаг\n\n[Готово]({{ link }})');
    await page.fill('[name=preview-user]', 'reader@cinema.example');
    await frame.locator('h1', { hasText: 'Остался один шаг' }).waitFor();
    await page.waitForSelector('text=This user has got no message of this kind');
    await shot('template-editor');
    await page.click('button:has-text("Send a test to me")');
    await lab.until(() => Promise.resolve(lab.mails.arrived.length === before + 1));
    expect(lab.mails.arrived.at(-1)!.mail.subject).toBe('Докажите, что это вы');
    await page.click('button:has-text("Publish")');
    await page.click('dialog button >> text=Publish');
    await page.waitForSelector('[data-version="1"]');
    expect(await page.locator('[data-draft]').count()).toBe(0);
    await page.click('tr:has-text("Starter text") >> text=Bring back');
    await page.click('dialog button >> text=Bring back');
    await page.waitForSelector('[data-version="2"]');
    expect(await page.inputValue('[name=subject-ru]')).toBe('Подтвердите адрес');
    await shot('template-history');
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    await shot('template-phone');
    expect(faults).toEqual([]);
  });

  it('speaks Russian, fits a phone, and shows failed deliveries', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(`${lab.url}/admin?lang=ru#/deliveries`);
    await page.waitForSelector('h1:has-text("Доставка")');
    await page.selectOption('[name=state]', 'sent');
    await page.waitForSelector('td');
    await shot('deliveries-phone');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    expect(await page.getAttribute('html', 'lang')).toBe('ru');
  });

  it('says in Russian why something was refused, and does so when another administrator was faster', async () => {
    const said = (sentence: string) => page.waitForSelector(`[role=alert]:visible:text-is("${sentence}")`);
    await page.goto(`${lab.url}/admin?lang=ru#/users/${randomUUID()}`);
    await said('Такого пользователя нет.');
    await page.goto(`${lab.url}/admin?lang=ru#/templates/verify-email`);
    await page.fill('[name=body-ru]', '{{ link }} {{ nobody }}');
    await page.waitForSelector('[data-faults] li:text-is("Значение {{ nobody }} никто не подставит.")');
    await page.click('text=Отправить пробу мне');
    await said('Этот текст использовать нельзя. Русский: Значение {{ nobody }} никто не подставит.');

    const suppressions = lab.db.collection<{ _id: string }>('suppressions');
    const entry = { address: 'no@cinema.example', reason: 'address_refused', response: '550', createdAt: new Date() };
    await suppressions.insertOne({ _id: '0'.repeat(64), ...entry });
    await page.goto(`${lab.url}/admin?lang=ru#/suppressions`);
    await page.waitForSelector('td:has-text("no@cinema.example")');
    await suppressions.deleteOne({ _id: '0'.repeat(64) });
    await page.click('td button:has-text("Снова писать")');
    await page.click('dialog button[value=yes]');
    await said('Этого адреса в списке уже нет.');
    expect(faults).toEqual([]);
  });

  it('shows an administrator what was said to a user and what came of it, page by page, and writes down who looked', async () => {
    const [, someone] = await lab.addContacts(2, { email: 'a.b+c@cinema.example' });
    await lab.addContacts(1, { email: 'axb+c@cinema.example' });
    const userId = someone!.userId;
    const said = Array.from({ length: 60 }, (_, index) => message(userId, `m${index}`));
    const [last] = said.slice(-1);
    await lab.db.collection('deliveries').insertMany([
      ...said.map((one) => ({ ...one, channel: 'inbox', state: 'sent' })),
      {
        ...message(userId, last!.messageKey),
        channel: 'email',
        state: 'failed',
        reason: 'address_refused',
        response: '550 <b>no</b> such user',
      },
      { ...message(userId, 'mail-only'), channel: 'email', state: 'skipped', reason: 'suppressed' },
    ] as never[]);
    const title = '<img src=x onerror="alert(1)">Receipt';
    const { _id, messageKey, createdAt } = last!;
    const inInbox = { _id, userId, messageKey, createdAt, category: 'billing', title, body: '', readAt: new Date() };
    await lab.db.collection('notifications').insertOne(inInbox as never);

    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(`${lab.url}/admin?lang=ru#/users`);
    await page.waitForSelector('h1:has-text("Пользователи")');
    // The keyboard alone finds and opens; a dot is a dot.
    await page.focus('[name=search]');
    await page.keyboard.type('A.B+');
    await page.keyboard.press('Enter');
    await rowsAre(2);
    await page.fill('[name=search]', userId);
    await page.keyboard.press('Enter');
    await rowsAre(1);
    await page.focus('tbody a');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("a.b+c@cinema.example")');
    const rows = page.locator('tbody tr');
    expect(await rows.count()).toBe(50);
    expect(await rows.nth(0).textContent()).toContain('в стоп-листе');
    const newest = await rows.nth(1).textContent();
    for (const part of [title, 'прочитано', 'адрес отвергнут', '550 <b>no</b> such user']) {
      expect(newest).toContain(part);
    }
    expect(await page.locator('td img, td b').count()).toBe(0);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    await shot('user-phone');
    await page.click('button:has-text("Ещё")');
    await rowsAre(61);
    const looked = await lab.db.collection('audit_entries').find({ action: 'user.messages_viewed' }).toArray();
    expect(looked.map(({ subject }) => subject as string)).toEqual([userId, userId]);
    const reader = { userId, roles: ['public_user'] as Role[] };
    expect((await lab.call('GET', `/admin/users/${userId}/messages`, reader)).status).toBe(403);
    expect((await lab.call('GET', '/admin/users?search=a', reader)).status).toBe(403);
    expect(faults).toEqual([]);
  });

  it('lets an administrator look at dead letters and send them again, and a superuser throw them away with a reason', async () => {
    const userId = randomUUID();
    const sealedLink = sealSecret('https://cinema.example/?token=s3cr3t', SECRETS_KEY);
    const facts = { userId, email: 'a@example.com', locale: 'en' as const, sealedLink, expiresAt: '<b>soon</b>' };
    const letters = `/admin/dead-letters/notification.messages`;
    const admin = { userId: randomUUID(), roles: ['admin'] as Role[] };
    const count = async () => (await lab.call<{ items: unknown[] }>('GET', letters, admin)).body.items?.length;
    await lab.publish(new UserVerificationRequestedV1(facts), { aggregateId: userId, aggregateVersion: 1 });
    await lab.until(async () => (await count()) === 1);

    await page.goto(`${lab.url}/admin?lang=ru#/dead-letters`);
    await page.click('a:has-text("notification.messages")');
    await page.click('tbody a');
    const body = await page.textContent('pre');
    for (const part of [userId, '[sealed]', '<b>soon</b>']) expect(body).toContain(part);
    expect(body).not.toContain(sealedLink);
    expect(await page.locator('button:has-text("Выбросить")').count()).toBe(0);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    await shot('dead-letter-phone');
    await page.click('button:has-text("Отправить снова")');
    await page.waitForSelector('h1:has-text("notification.messages")');
    const redriven = { action: 'dead_letters.redriven', subject: 'notification.messages' };
    expect(await lab.db.collection('audit_entries').countDocuments(redriven)).toBe(1);
    await lab.until(async () => (await count()) === 1);
    for (let sent = 0; sent < 54; sent++)
      await lab.publish(new UserVerificationRequestedV1(facts), { aggregateId: userId, aggregateVersion: 1 });
    const counted = async () =>
      (await lab.call<{ items: { messages: number }[] }>('GET', '/admin/dead-letters', admin)).body.items;
    await lab.until(async () => (await counted()).some(({ messages }) => messages === 55));

    const before = page;
    page = await (await browser.newContext({ locale: 'en' })).newPage();
    await standInForAuth(randomUUID(), ['public_user', 'super_user']);
    await page.goto(`${lab.url}/admin#/dead-letters/notification.messages`);
    await signIn();
    await giveCode(CODE);
    await rowsAre(50);
    await page.click('button:has-text("More")');
    await rowsAre(55);
    expect(await page.locator('button:has-text("More"):visible').count()).toBe(0);
    await page.click('button:has-text("Throw all away")');
    await page.waitForSelector('dialog [name=reason]');
    await page.keyboard.type('nobody needs it');
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=No dead letters.');
    const discarded = { action: 'dead_letters.discarded', 'details.reason': 'nobody needs it' };
    expect(await lab.db.collection('audit_entries').countDocuments(discarded)).toBe(1);
    await page.close();
    page = before;
    expect(faults).toEqual([]);
  });

  it('sends nothing that a mail program could run, whoever wrote it', async () => {
    const [author, blocked] = await lab.addContacts(2);
    const as = { ...author!, roles: ['admin'] as Role[] };
    const content = { en: { subject: ATTACKS[0]!, body: ATTACKS.join('\n\n') } };
    const campaign = { name: 'Attack', channels: ['inbox', 'email'], audience: { type: 'all' }, content };
    const { id } = (await lab.call<{ id: string }>('POST', '/admin/campaigns', as, campaign)).body;
    await lab.call('POST', `/admin/campaigns/${id}/test`, as, { locale: 'en' });
    const { userId, email } = blocked!;
    const reason = ATTACKS.join(' ').slice(0, 500);
    const block = new UserBlockedV1({ userId, blocked: true, reason, at: new Date().toISOString() });
    await lab.publish(block, { aggregateId: userId, aggregateVersion: 2 });

    // A program without any protection of its own: scripts run, and no policy stops them.
    const reader = await (await browser.newContext()).newPage();
    const done: string[] = [];
    reader.on('dialog', (dialog) => (done.push(`dialog ${dialog.message()}`), void dialog.dismiss()));
    await reader.route('**', (route) => (done.push(`request ${route.request().url()}`), route.abort()));
    for (const to of [author!.email, email]) {
      const [arrived] = await lab.mails.waitFor(to);
      const html = String(arrived!.mail.html);
      expect(html).toContain('alert(1)');
      await reader.setContent(html);
      // What an event would start is started: everything is entered, pressed and loaded.
      await reader.evaluate(`for (const node of document.querySelectorAll('*'))
        for (const type of ['load', 'error', 'mouseover', 'focus', 'toggle', 'click'])
          node.dispatchEvent(new Event(type, { bubbles: true, cancelable: true }))`);
      const found = await reader.evaluate<Record<string, unknown>>(`(() => {
        const all = [...document.querySelectorAll('*')];
        const attributes = all.flatMap((node) => [...node.attributes]);
        return {
          tags: [...new Set(all.map((node) => node.localName))].sort(),
          styles: [...document.querySelectorAll('style')].map(({ textContent }) => textContent).join(),
          handlers: attributes.filter(({ name }) => name.startsWith('on')).length,
          links: attributes.filter(({ name }) => /^(href|src|action|srcdoc|data)$/.test(name)).map(({ value }) => value),
        };
      })()`);
      // The shell brings a table, its own style and nothing else.
      const harmless =
        /^(html|head|meta|title|body|style|div|table|tbody|tr|td|p|br|a|h[1-6]|ul|ol|li|em|strong|code|hr|blockquote)$/;
      expect((found['tags'] as string[]).filter((tag) => !harmless.test(tag))).toEqual([]);
      expect(found['styles']).not.toMatch(/@import|url\(/);
      expect(found['handlers']).toBe(0);
      for (const link of found['links'] as string[]) expect(link).toMatch(/^(https?|mailto):/);
    }
    expect(done).toEqual([]);
    await reader.close();
  });

  it('tells who is no administrator', async () => {
    const context = await browser.newContext();
    page = await context.newPage();
    await standInForAuth(randomUUID(), ['public_user']);
    await page.goto(`${lab.url}/admin`);
    await signIn();
    expect(await page.textContent('[role=alert]:visible')).toContain('not an administrator');
  });

  it('sends an administrator without a second step to set one up, and keeps no session meanwhile', async () => {
    page = await (await browser.newContext()).newPage();
    await standInForAuth(randomUUID(), ['public_user', 'admin'], false);
    await page.goto(`${lab.url}/admin`);
    await signIn();
    const link = await page.getAttribute('a:has-text("Set up the second step")', 'href');
    expect(link).toBe(`${lab.issuer.issuer}/oauth/?returnTo=${encodeURIComponent(`${lab.url}/admin`)}`);
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });

  it('serves its own files only, under a policy that runs nothing inline', async () => {
    const answer = await fetch(`${lab.url}/admin`);
    const policy = answer.headers.get('content-security-policy')!;
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain(`connect-src 'self' ${lab.issuer.issuer}`);
    for (const path of ['..%2f..%2fpackage.json', 'README.md', 'panel.page.ts']) {
      expect((await fetch(`${lab.url}/admin/assets/${path}`)).status).toBe(404);
    }
    expect((await fetch(`${lab.url}/admin/assets/%00`)).status).toBe(422);
  });
});
