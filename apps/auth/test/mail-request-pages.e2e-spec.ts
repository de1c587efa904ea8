import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthApp, newEmail, PASSWORD } from './support/auth-app.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const RECOVERY = 'auth.user.password_recovery_requested.v1';
const VERIFICATION = 'auth.user.verification_requested.v1';
let auth: AuthApp;

beforeAll(async () => {
  auth = await AuthApp.start();
});
afterAll(() => auth.stop());

const show = async (path: string): Promise<string> => (await auth.call('GET', path)).text();
const submit = (path: string, fields: Record<string, string>): Promise<Response> =>
  auth.call('POST', path, new URLSearchParams(fields).toString(), FORM);

describe('a visitor without a way in', () => {
  it('finds the pages to sign up and to set a new password on the login page', async () => {
    const login = await show('/oauth/?lang=en');
    expect(login).toMatch(/href="\/auth\/register\?lang=en"[^>]*>Create an account/);
    expect(login).toMatch(/href="\/auth\/password\/forgot\?lang=en"[^>]*>Forgot your password\?/);
    expect(await show('/auth/register?lang=en')).toContain('href="/auth/resend-verification?lang=en"');
  });

  it('signs up on a page and is told to look for the mail', async () => {
    const email = newEmail();
    const answer = await submit('/auth/register?lang=ru', { email, password: PASSWORD });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.text()).toContain('Проверьте почту');
    const token = await auth.linkTokenFor(email);
    expect((await auth.call('POST', '/auth/verify-email', { token })).status).toBe(200);
    const { accessToken } = await auth.login({ email, password: PASSWORD });
    expect(await (await auth.as(accessToken, 'GET', '/users/me')).json()).toMatchObject({ email, locale: 'ru' });
  });

  it('asks for the confirmation link again', async () => {
    const email = newEmail();
    await auth.call('POST', '/auth/register', { email, password: PASSWORD });
    await auth.linkTokenFor(email);
    expect((await submit('/auth/resend-verification', { email })).status).toBe(202);
    await auth.linkTokenFor(email, VERIFICATION, 2);
  });

  it('asks for a link to set a new password; the page is the same for an unknown address', async () => {
    const { email } = await auth.user();
    const [known, unknown] = await Promise.all(
      [email, newEmail()].map((each) => submit('/auth/password/forgot', { email: each })),
    );
    expect([known!.status, unknown!.status]).toEqual([202, 202]);
    expect(await known!.text()).toBe(await unknown!.text());
    await auth.linkTokenFor(email, RECOVERY);
  });

  it('is told why a password cannot be used, and no sign-up is kept', async () => {
    const email = newEmail();
    const answer = await submit('/auth/register', { email, password: 'password1234' });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toMatch(/role="alert">Too many people use this password/);
    expect(await auth.query('SELECT 1 FROM registrations WHERE email = $1', [email])).toEqual([]);
  });

  it.each(['%3Cscript%3Ealert(1)%3C/script%3E', 'constructor', '__proto__'])(
    'is told no problem %s that somebody wrote into a link',
    async (problem) => {
      const page = await show(`/oauth/?problem=${problem}&lang=en`);
      expect(page).toMatch(/role="alert">That did not work. Please try again.</);
      expect(page).not.toContain('alert(1)');
      expect(await show(`/auth/register?problem=${problem}`)).not.toContain('role="alert"');
    },
  );
});

describe('a link that does not work any more', () => {
  it('leads to the page where a new one is asked for', async () => {
    expect(await (await submit('/auth/verify-email?lang=en', { token: 'spent' })).text()).toContain(
      'href="/auth/resend-verification?lang=en"',
    );
    const reset = await submit('/auth/password/reset?lang=en', { token: 'spent', password: PASSWORD });
    expect(await reset.text()).toContain('href="/auth/password/forgot?lang=en"');
  });
});
