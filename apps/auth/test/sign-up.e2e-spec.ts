import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthApp, newEmail, PASSWORD, tokenOf } from './support/auth-app.js';
import { rawStatus } from './support/raw-request.js';

const REPEATED = 'auth.user.registration_repeated.v1';
let auth: AuthApp;

beforeAll(async () => {
  auth = await AuthApp.start();
});
afterAll(() => auth.stop());

async function shapeOf(answer: Response): Promise<unknown> {
  const headers = Object.fromEntries(answer.headers);
  for (const varying of ['date', 'x-request-id', 'ratelimit-remaining', 'ratelimit-reset']) {
    for (const name of Object.keys(headers)) if (name.startsWith(varying)) delete headers[name];
  }
  return { status: answer.status, headers, body: await answer.text() };
}

describe('signing up', () => {
  it('leads from register through the mail to a user who can sign in', async () => {
    const email = newEmail();
    const registered = await auth.call('POST', '/auth/register', { email, password: PASSWORD, locale: 'ru' });
    expect(registered.status).toBe(202);
    const token = await auth.linkTokenFor(email);
    expect((await auth.call('POST', '/auth/login', { email, password: PASSWORD })).status).toBe(401);
    const verified = await auth.call('POST', '/auth/verify-email', { token });
    expect(verified.status).toBe(200);
    expect(await verified.json()).toEqual({ verified: true, hasPassword: true });
    const { accessToken } = await auth.login({ email, password: PASSWORD });
    const me = await (await auth.as(accessToken, 'GET', '/users/me')).json();
    expect(me).toEqual({
      id: expect.any(String),
      email,
      emailVerified: true,
      roles: ['public_user'],
      locale: 'ru',
      createdAt: expect.any(String),
    });
  });

  it('announces the user once the address is proved, registered before verified', async () => {
    const { email } = await auth.user();
    const about = (await auth.events()).filter(({ payload }) => payload['email'] === email);
    expect(about.map(({ routingKey }) => routingKey)).toEqual([
      'auth.user.verification_requested.v1',
      'auth.user.registered.v1',
      'auth.user.verified.v1',
    ]);
    expect(new Set(about.map(({ payload }) => payload['userId'])).size).toBe(1);
  });

  it('answers a known and an unknown address alike, and tells only the owner', async () => {
    const { email } = await auth.user();
    const unknown = await shapeOf(await auth.call('POST', '/auth/register', { email: newEmail(), password: PASSWORD }));
    const known = await shapeOf(
      await auth.call('POST', '/auth/register', { email, password: 'another good password' }),
    );
    expect(known).toEqual(unknown);
    const [told] = await auth.eventually(async () => {
      const events = (await auth.events(REPEATED)).filter(({ payload }) => payload['email'] === email);
      return events.length > 0 ? events : undefined;
    });
    expect(told?.payload).not.toHaveProperty('password');
    await auth.login({ email, password: PASSWORD });
    expect((await auth.call('POST', '/auth/login', { email, password: 'another good password' })).status).toBe(401);
  });

  it.each(['/auth/resend-verification', '/auth/password/forgot'])(
    'answers a known and an unknown address alike at %s too',
    async (path) => {
      const { email } = await auth.user();
      const [known, unknown] = [
        await shapeOf(await auth.call('POST', path, { email })),
        await shapeOf(await auth.call('POST', path, { email: newEmail() })),
      ];
      expect(known).toEqual(unknown);
    },
  );

  it('keeps one account per address, however it is written and however many confirm at once', async () => {
    const name = newEmail().replace('@example.com', '');
    const spellings = [
      `${name}@example.com`,
      `${name.toUpperCase()}@EXAMPLE.com`,
      ` ${name}@example.com `,
      `${name}@ｅxample.com`,
    ];
    for (const email of spellings) {
      expect((await auth.call('POST', '/auth/register', { email, password: PASSWORD })).status).toBe(202);
    }
    await auth.linkTokenFor(`${name}@example.com`, undefined, spellings.length);
    const links = await auth.query<{ id: string }>('SELECT id FROM registrations WHERE email = $1', [
      `${name}@example.com`,
    ]);
    expect(links).toHaveLength(spellings.length);
    const tokens = (await auth.linksFor(`${name}@example.com`)).map(tokenOf);
    const answers = await Promise.all(tokens.map((token) => auth.call('POST', '/auth/verify-email', { token })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(spellings.length - 1);
    const users = await auth.query('SELECT id FROM users WHERE email = $1', [`${name}@example.com`]);
    expect(users).toHaveLength(1);
  });

  it('has a link that works for a day', async () => {
    const email = newEmail();
    await auth.call('POST', '/auth/register', { email, password: PASSWORD });
    const token = await auth.linkTokenFor(email);
    const [{ life } = { life: 0 }] = await auth.query<{ life: number }>(
      'SELECT extract(epoch FROM expires_at - now())::int AS life FROM registrations WHERE email = $1',
      [email],
    );
    expect(life / 3_600).toBeCloseTo(24, 1);
    await auth.query(`UPDATE registrations SET expires_at = now() - interval '1 second' WHERE email = $1`, [email]);
    expect((await auth.call('POST', '/auth/verify-email', { token })).status).toBe(422);
  });

  it('lets one of sixteen parallel uses of a link win', async () => {
    const email = newEmail();
    await auth.call('POST', '/auth/register', { email, password: PASSWORD });
    const token = await auth.linkTokenFor(email);
    const statuses = await auth.sixteen(() => auth.call('POST', '/auth/verify-email', { token }));
    expect(statuses).toEqual([200, ...Array<number>(15).fill(422)]);
  });

  it('keeps no password when several signed up, so a stranger who used up the mails and had a link clicked gains nothing', async () => {
    const email = newEmail();
    const strange = { email, password: "the stranger's password" };
    for (let mails = 1; mails <= 5; mails++) {
      await auth.call('POST', '/auth/register', strange);
      await auth.linkTokenFor(email, undefined, mails);
    }
    expect((await auth.call('POST', '/auth/register', { email, password: PASSWORD })).status).toBe(202);
    const token = await auth.linkTokenFor(email, undefined, 5);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const done = await auth.call('POST', '/auth/verify-email?lang=en', `token=${token}`, form);
    expect(await done.text()).toContain('none of those passwords was kept');
    expect(await auth.query('SELECT 1 FROM registrations WHERE email = $1', [email])).toEqual([]);
    for (const body of [strange, { email, password: PASSWORD }]) {
      expect((await auth.call('POST', '/auth/login', body)).status).toBe(401);
    }
    await auth.call('POST', '/auth/password/forgot', { email });
    const recovery = await auth.linkTokenFor(email, 'auth.user.password_recovery_requested.v1');
    await auth.call('POST', '/auth/password/reset', { token: recovery, password: PASSWORD });
    await auth.login({ email, password: PASSWORD });
    expect((await auth.call('POST', '/auth/login', strange)).status).toBe(401);
  });

  it('replaces the link when it is asked for again; with several sign-ups waiting the new one brings no password', async () => {
    const email = newEmail();
    await auth.call('POST', '/auth/register', { email, password: PASSWORD });
    const first = await auth.linkTokenFor(email);
    await auth.call('POST', '/auth/resend-verification', { email });
    const second = await auth.linkTokenFor(email, undefined, 2);
    expect((await auth.call('POST', '/auth/verify-email', { token: first })).status).toBe(422);
    await auth.call('POST', '/auth/register', { email, password: "the stranger's password" });
    await auth.linkTokenFor(email, undefined, 3);
    await auth.call('POST', '/auth/resend-verification', { email });
    const contested = await auth.linkTokenFor(email, undefined, 4);
    const verified = await auth.call('POST', '/auth/verify-email', { token: contested });
    expect(await verified.json()).toEqual({ verified: true, hasPassword: false });
    for (const password of [PASSWORD, "the stranger's password"]) {
      expect((await auth.call('POST', '/auth/login', { email, password })).status).toBe(401);
    }
    expect((await auth.call('POST', '/auth/verify-email', { token: second })).status).toBe(422);
  });

  it('sends one recipient at most five mails of a kind an hour, and answers the same', async () => {
    const email = newEmail();
    await auth.call('POST', '/auth/register', { email, password: PASSWORD });
    await auth.linkTokenFor(email);
    for (let i = 0; i < 9; i++) {
      expect((await auth.call('POST', '/auth/resend-verification', { email })).status).toBe(202);
    }
    await auth.mailsAnswered();
    const mails = (await auth.events('auth.user.verification_requested.v1')).filter(
      ({ payload }) => payload['email'] === email,
    );
    expect(mails).toHaveLength(1 + 5);
  });

  it('sends one recipient at most ten mails of all kinds in ten minutes', async () => {
    const email = newEmail();
    for (let i = 0; i < 5; i++) await auth.call('POST', '/auth/register', { email, password: PASSWORD });
    for (let i = 0; i < 5; i++) await auth.call('POST', '/auth/resend-verification', { email });
    await auth.linkTokenFor(email, undefined, 10);
    // No account moves to an address while a sign-up waits for it.
    await auth.query('DELETE FROM registrations WHERE email = $1', [email]);
    const { accessToken } = await auth.login(await auth.user());
    const move = (): Promise<Response> => auth.as(accessToken, 'POST', '/users/me/email', { email });
    expect((await move()).status).toBe(202);
    await auth.mailsAnswered();
    expect(await auth.linksFor(email)).toHaveLength(10);
    await auth.query(`UPDATE mail_allowances SET window_started_at = now() - interval '11 minutes' WHERE email = $1`, [
      email,
    ]);
    expect((await move()).status).toBe(202);
    await auth.linkTokenFor(email, undefined, 11);
  });

  it('stores no link, token or password in plain', async () => {
    const email = newEmail();
    await auth.call('POST', '/auth/register', { email, password: PASSWORD });
    const token = await auth.linkTokenFor(email);
    const tables = await auth.query<{ name: string }>(
      `SELECT format('%I', tablename) AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    const holding: string[] = [];
    for (const { name } of tables) {
      const rows = await auth.query(`SELECT 1 FROM ${name} t WHERE t::text LIKE $1 OR t::text LIKE $2`, [
        `%${token}%`,
        `%${PASSWORD}%`,
      ]);
      if (rows.length > 0) holding.push(name);
    }
    expect(holding).toEqual([]);
  });

  it.each([
    [{ email: 'not an address', password: PASSWORD }, 'email'],
    [{ email: 'a@x.example\r\nBcc: b@y.example', password: PASSWORD }, 'email'],
    [{ email: 'a\u0000@x.example', password: PASSWORD }, 'email'],
    [{ email: `${'a'.repeat(65)}@x.example`, password: PASSWORD }, 'email'],
    [{ email: newEmail(), password: 'x'.repeat(1025) }, 'password'],
    [{ email: newEmail(), password: PASSWORD, roles: ['super_user'] }, 'roles'],
    [{ email: newEmail(), password: PASSWORD, emailVerified: true }, 'emailVerified'],
    [{ email: [newEmail()], password: PASSWORD }, 'email'],
    [{ email: newEmail(), password: { $ne: '' } }, 'password'],
  ])('refuses a sign-up with a wrong field: %#', async (body, field) => {
    const answer = await auth.call('POST', '/auth/register', body);
    expect(answer.status).toBe(422);
    const problem = (await answer.json()) as { code: string; errors: { field: string }[] };
    expect(problem.code).toBe('request.invalid');
    expect(problem.errors.map((error) => error.field)).toContain(field);
  });

  it('refuses a common password with its reason', async () => {
    const answer = await auth.call('POST', '/auth/register', { email: newEmail(), password: 'password123' });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: 'password.weak', reason: 'too_common' });
  });

  it('answers malformed JSON with 400', async () => {
    expect((await auth.call('POST', '/auth/register', '{"email":')).status).toBe(400);
  });
});

describe('the page behind the link', () => {
  it('changes nothing when it is looked at, and acts when its form is sent', async () => {
    const email = newEmail();
    await auth.call('POST', '/auth/register', { email, password: PASSWORD, locale: 'ru' });
    const token = await auth.linkTokenFor(email);
    for (let i = 0; i < 3; i++) {
      const shown = await auth.call('GET', `/auth/verify-email?token=${token}&lang=ru`);
      expect(shown.headers.get('referrer-policy')).toBe('no-referrer');
      expect(shown.headers.get('cache-control')).toBe('no-store');
      const page = await shown.text();
      expect(page).toContain('<html lang="ru">');
      expect(page).toContain(`name="token" value="${token}"`);
      expect(page).toContain('clean-address.js');
    }
    expect(await auth.query('SELECT 1 FROM users WHERE email = $1', [email])).toHaveLength(0);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const done = await auth.call('POST', '/auth/verify-email?lang=ru', `token=${token}`, form);
    expect(done.status).toBe(200);
    expect(await done.text()).toContain('Адрес подтверждён');
    const again = await auth.call('POST', '/auth/verify-email', `token=${token}`, form);
    expect(again.status).toBe(422);
    expect(again.headers.get('content-type')).toContain('text/html');
  });

  it.each([
    ['a Host', ['POST @ HTTP/1.1', 'Host: evil.example'], 202],
    ['a Host with a port', ['POST @ HTTP/1.1', 'Host: auth.test:1@evil.example'], 202],
    ['X-Forwarded-Host', ['POST @ HTTP/1.1', 'Host: auth.test', 'X-Forwarded-Host: evil.example'], 202],
    ['Forwarded', ['POST @ HTTP/1.1', 'Host: auth.test', 'Forwarded: host=evil.example;proto=https'], 202],
    ['an absolute address', ['POST http://evil.example@ HTTP/1.1', 'Host: auth.test'], 202],
    ['two Hosts', ['POST @ HTTP/1.1', 'Host: auth.test', 'Host: evil.example'], 202],
    ['no Host', ['POST @ HTTP/1.1'], 400],
    ['no Host, as HTTP/1.0 may', ['POST @ HTTP/1.0'], 202],
  ])('links to the configured address when the request comes with %s', async (_, lines, expected) => {
    const [known, unknown] = [(await auth.user()).email, newEmail()];
    const asked = [
      ['/auth/register', { email: unknown, password: PASSWORD }],
      ['/auth/password/forgot', { email: known }],
    ] as const;
    for (const [path, body] of asked)
      expect(
        await rawStatus(
          auth.url,
          lines.map((line) => line.replace('@', path)),
          JSON.stringify(body),
        ),
      ).toBe(expected);
    if (expected !== 202) return;
    await auth.linkTokenFor(unknown);
    await auth.linkTokenFor(known, 'auth.user.password_recovery_requested.v1');
    const links = [
      ...(await auth.linksFor(unknown)),
      ...(await auth.linksFor(known, 'auth.user.password_recovery_requested.v1')),
    ];
    for (const link of links)
      expect(link).toMatch(/^http:\/\/auth\.test\/auth\/(verify-email|password\/reset)\?token=/);
  });

  it('escapes what the address bar holds', async () => {
    const page = await (await auth.call('GET', '/auth/verify-email?token="><script>alert(1)</script>')).text();
    expect(page).not.toContain('<script>alert');
  });
});
