import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { totpAt } from '../src/second-factor/totp.js';
import { AuthApp, type TestUser, type Tokens } from './support/auth-app.js';
import { FakeGoogle } from './support/google.js';
import { formOf, linkBackOf, unescaped } from './support/page.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://auth.test' };
const SET_UP = '/oauth/second-factor/set-up';
const google = new FakeGoogle();
let auth: AuthApp;
let administrator: TestUser;

beforeAll(async () => {
  auth = await AuthApp.startBeside(google);
});
afterAll(() => auth.stop());
beforeEach(async () => {
  administrator = await auth.user();
  await auth.query(`UPDATE users SET roles = '{public_user,super_user}' WHERE email = $1`, [administrator.email]);
});

const cookieOf = (answer: Response, name: string): string | undefined =>
  answer.headers
    .getSetCookie()
    .find((each) => each.startsWith(`${name}=`))
    ?.split(';')[0];

const signIn = (fields: Record<string, string> = {}): Promise<Response> =>
  auth.call('POST', '/oauth/sign-in', new URLSearchParams({ ...administrator, ...fields }).toString(), FORM);

const post = (path: string, cookie: string, body = '', headers: Record<string, string> = FORM): Promise<Response> =>
  auth.call('POST', path, body, { ...headers, cookie });

const secretOn = (page: string): string => /<code>([A-Z2-7 ]+)<\/code>/.exec(page)![1]!.replaceAll(' ', '');
const factors = (): Promise<unknown[]> =>
  auth.query('SELECT 1 FROM totp_factors JOIN users ON users.id = user_id WHERE email = $1', [administrator.email]);

describe('an administrator without a second factor', () => {
  it('sets it up on the way in, and has the roles from then on', async () => {
    const answer = await signIn({ returnTo: 'http://app.test/after' });
    const cookie = cookieOf(answer, 'enrolment')!;
    const intro = await auth.call('GET', answer.headers.get('location')!, undefined, { cookie });
    expect(intro.status).toBe(200);
    expect(await factors()).toEqual([]);
    const shown = await post(await formOf(intro), cookie);
    const page = await shown.clone().text();
    expect(page).toContain('<svg');
    const secret = secretOn(page);
    const wrong = await post(await formOf(shown), cookie, 'code=000000');
    expect(wrong.status).toBe(401);
    const done = await post(await formOf(wrong), cookie, `code=${totpAt(secret, Date.now())}`);
    expect(done.status).toBe(200);
    const told = await done.text();
    expect(told.match(/<li>/g)).toHaveLength(10);
    expect(told).toContain('href="http://app.test/after"');
    const browser = { cookie: cookieOf(answer, 'refresh')!, origin: 'http://auth.test' };
    const refreshed = (await (await auth.call('POST', '/auth/refresh', {}, browser)).json()) as Tokens;
    expect((await auth.as(refreshed.accessToken, 'GET', '/admin/users')).status).toBe(200);
    expect((await signIn()).headers.get('location')).toBe('/oauth/second-factor?lang=en');
    // The set-up is over: the old cookie replaces nothing.
    expect((await post(SET_UP, cookie)).status).toBe(409);
  });

  it('is sent there by Google as well', async () => {
    google.claims = { sub: administrator.email, email: administrator.email, email_verified: true, name: 'A' };
    const departure = await auth.call('GET', '/oauth/google');
    const back = google.consent(departure.headers.get('location')!);
    const state = departure.headers.getSetCookie()[0]!.split(';')[0]!;
    const answer = await auth.call('GET', `${back.pathname}${back.search}`, undefined, { cookie: state });
    expect(answer.headers.get('location')).toBe(`${SET_UP}?lang=en`);
  });

  it('is led back to the login page, which still goes where the visitor wanted to, when it is too late', async () => {
    const films = 'http://app.test/films?id=1';
    const page = (await signIn({ returnTo: films })).headers.get('location')!;
    const intro = await auth.call('GET', page);
    // The browser has forgotten who may set it up by now.
    const late = await post(await formOf(intro), '');
    expect(late.status).toBe(403);
    const login = await (await auth.call('GET', await linkBackOf(late))).text();
    expect(unescaped(login)).toContain(`name="returnTo" value="${films}"`);
    const evil = await post(`${SET_UP}/confirm?returnTo=http://evil.test/`, '', 'code=000000');
    expect(await evil.text()).not.toContain('evil');
  });

  it('sets nothing up without the cookie, with a made-up or borrowed one, from another site, or with a session that ended or is old', async () => {
    const answer = await signIn();
    const cookie = cookieOf(answer, 'enrolment')!;
    const foreign = { ...FORM, origin: 'http://evil.test' };
    const [value, mac] = cookie.slice('enrolment='.length).split('.');
    const forged = Buffer.from(JSON.stringify({ userId: 'x', sessionId: 'y' })).toString('base64url');
    expect((await post(SET_UP, cookie, '', foreign)).status).toBe(403);
    for (const bad of ['', `enrolment=${forged}.${mac}`, `enrolment=${value}`, `challenge=${value}.${mac}`]) {
      expect((await post(SET_UP, bad)).status).toBe(403);
    }
    await auth.query(`UPDATE sessions SET authenticated_at = now() - interval '16 minutes'`);
    expect((await post(SET_UP, cookie)).status).toBe(403);
    await auth.query('UPDATE sessions SET authenticated_at = now()');
    const refreshToken = cookieOf(answer, 'refresh')!.slice('refresh='.length);
    await auth.call('POST', '/auth/logout', { refreshToken });
    expect((await post(SET_UP, cookie)).status).toBe(403);
    expect((await post(`${SET_UP}/confirm`, cookie, 'code=000000')).status).toBe(403);
    expect(await factors()).toEqual([]);
  });

  it('signs cookies by their names: a pending sign-in is no pending set-up', async () => {
    const user = await auth.user();
    await auth.loginWithSecondFactor(user);
    const fields = new URLSearchParams({ ...user }).toString();
    const pending = cookieOf(await auth.call('POST', '/oauth/sign-in', fields, FORM), 'challenge')!;
    expect((await post(SET_UP, pending.replace('challenge=', 'enrolment='))).status).toBe(403);
    const set = cookieOf(await signIn(), 'enrolment')!;
    const swapped = await post('/oauth/second-factor', set.replace('enrolment=', 'challenge='), 'code=000000');
    expect(swapped.status).toBe(401);
  });
});

describe('everybody else', () => {
  it('is asked for nothing', async () => {
    await auth.query(`UPDATE users SET roles = '{public_user}' WHERE email = $1`, [administrator.email]);
    const answer = await signIn();
    expect(answer.headers.get('location')).toBe('/oauth/signed-in');
    expect(cookieOf(answer, 'enrolment')).toBeUndefined();
  });
});
