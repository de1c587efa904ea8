import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { UnavailableError } from '#libs/errors';
import { RegistrationService } from '../src/registration/registration.service.js';
import { AuthApp, newEmail, PASSWORD, randomIp } from './support/auth-app.js';
import { unescaped } from './support/page.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://auth.test' };
const TOKEN = 'a-token';
const EMAIL = newEmail();
/** More than any of these routes takes from one address. */
const TOO_MANY = 400;

interface Form {
  path: string;
  fields: Record<string, string>;
  /** What the page tells, in Russian, of a form that cannot be understood. */
  invalid: RegExp;
  /** What the visitor need not enter or look for again. */
  kept?: string;
}

const FORMS: Form[] = [
  {
    path: '/auth/register',
    fields: { email: EMAIL, password: PASSWORD },
    invalid: /Введите адрес эл\. почты полностью/,
    kept: EMAIL,
  },
  {
    path: '/auth/resend-verification',
    fields: { email: EMAIL },
    invalid: /Введите адрес эл\. почты полностью/,
    kept: EMAIL,
  },
  {
    path: '/auth/password/forgot',
    fields: { email: EMAIL },
    invalid: /Введите адрес эл\. почты полностью/,
    kept: EMAIL,
  },
  {
    path: '/auth/password/reset',
    fields: { token: TOKEN, password: PASSWORD },
    invalid: /Ссылка неполная/,
    kept: TOKEN,
  },
  { path: '/auth/verify-email', fields: { token: TOKEN }, invalid: /Она уже использована/, kept: TOKEN },
  { path: '/auth/email/confirm', fields: { token: TOKEN }, invalid: /Она уже использована/, kept: TOKEN },
  { path: '/auth/email/undo', fields: { token: TOKEN }, invalid: /Она уже использована/, kept: TOKEN },
  {
    path: '/oauth/sign-in',
    fields: { email: EMAIL, password: PASSWORD },
    invalid: /Введите адрес эл\. почты и пароль/,
    kept: EMAIL,
  },
  { path: '/oauth/second-factor', fields: { code: '000000' }, invalid: /Код не подходит/ },
  { path: '/oauth/second-factor/set-up/confirm', fields: { code: '000000' }, invalid: /Код не подходит/ },
];
const SET_UP: Form = { path: '/oauth/second-factor/set-up', fields: {}, invalid: /Войдите ещё раз/ };

let auth: AuthApp;

beforeAll(async () => {
  auth = await AuthApp.start();
});
afterAll(() => auth.stop());
afterEach(() => {
  vi.restoreAllMocks();
});

function submit(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
  return auth.call('POST', path, new URLSearchParams(fields).toString(), { ...FORM, ...headers });
}

/** The page that came back, which is private and says what went wrong. */
async function pageOf(answer: Response): Promise<string> {
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const page = unescaped(await answer.text());
  expect(page).toContain('<html lang="ru">');
  return page;
}

const alertOf = (page: string): string | undefined => /role="alert">([^<]*)</.exec(page)?.[1];

describe('the login page and the API', () => {
  const refused = { email: newEmail(), password: PASSWORD, surplus: '1' };
  const code = { challenge: 'a-challenge', code: '000000', surplus: '1' };

  it.each([
    ['tries of an account', '/oauth/sign-in', '/auth/login', refused, 30],
    ['codes', '/oauth/second-factor', '/auth/mfa/verify', code, 120],
  ])('share what a network may do in %s', async (_, page, api, fields, limit) => {
    const from = { 'x-forwarded-for': randomIp() };
    const tries = Array.from({ length: limit + 10 }, (_, i) =>
      i % 2 ? submit(page, fields, from) : auth.call('POST', api, fields, from),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    // Fewer while Redis answers too slowly, never more.
    const counted = statuses.filter((status) => status === 422).length;
    expect(counted).toBeGreaterThan(0);
    expect(counted).toBeLessThanOrEqual(limit);
    expect(statuses.filter((status) => status === 429).length).toBe(limit + 10 - counted);
  });
});

describe.each(FORMS)('the form of $path', ({ path, fields, invalid, kept }) => {
  it('that cannot be understood brings back a page in its language', async () => {
    const answer = await submit(`${path}?lang=ru`, { ...fields, surplus: '1' });
    expect(answer.status).toBe(422);
    expect(alertOf(await pageOf(answer))).toMatch(invalid);
  });

  it('sent too often brings back the page, ready to be sent again; an API call gets a problem document', async () => {
    const from = { 'x-forwarded-for': randomIp() };
    let answer = await submit(`${path}?lang=ru`, { ...fields, surplus: '1' }, from);
    for (let i = 0; i < TOO_MANY && answer.status !== 429; i++) {
      await answer.body?.cancel();
      answer = await submit(`${path}?lang=ru`, { ...fields, surplus: '1' }, from);
    }
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    const page = await pageOf(answer);
    expect(alertOf(page)).toBe('Слишком много попыток. Подождите.');
    expect(page).toContain(`action="${path}?lang=ru"`);
    if (kept) expect(page).toContain(`value="${kept}"`);
    expect(page).not.toContain(PASSWORD);
    const call = await auth.call('POST', path, fields, from);
    expect(call.status).toBe(429);
    expect(call.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(await call.json()).toMatchObject({ code: 'request.too_many' });
  });
});

describe.each([...FORMS, SET_UP])('the form of $path, of which nothing can be read,', ({ path, fields }) => {
  const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

  it.each([
    [413, 'too long', FORM, 'слишком много текста'],
    [415, 'of another type', { ...BROWSER, 'content-type': 'multipart/form-data; boundary=x' }, 'не понимаем'],
  ])('is answered with status %i and a page when it is %s', async (status, _, headers, told) => {
    const body = new URLSearchParams({ ...fields, more: 'x'.repeat(status === 413 ? 300_000 : 1) }).toString();
    const answer = await auth.call('POST', `${path}?lang=ru`, body, headers);
    expect(answer.status).toBe(status);
    expect(alertOf(await pageOf(answer))).toContain(told);
  });

  it.each([
    [413, { 'content-type': 'application/json' }, JSON.stringify({ more: 'x'.repeat(300_000) })],
    [415, { 'content-type': 'multipart/form-data; boundary=x', accept: '*/*' }, '--x--'],
    [415, { ...BROWSER, 'content-type': 'text/csv' }, 'a,b'],
  ])('is answered with status %i and a problem document when no page sent it: %j', async (status, headers, body) => {
    const answer = await auth.call('POST', path, body, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  });
});

it('the set-up of a second factor begun too often brings back its first page', async () => {
  const from = { 'x-forwarded-for': randomIp() };
  const first = await submit(`${SET_UP.path}?lang=ru`, {}, from);
  expect(first.status).toBe(403);
  expect(alertOf(await pageOf(first))).toMatch(SET_UP.invalid);
  let answer = first;
  for (let i = 0; i < TOO_MANY && answer.status !== 429; i++) {
    answer = await submit(`${SET_UP.path}?lang=ru`, {}, from);
  }
  const page = await pageOf(answer);
  expect(alertOf(page)).toBe('Слишком много попыток. Подождите.');
  expect(page).toContain(`action="${SET_UP.path}?lang=ru"`);
});

describe('what is no fault of the visitor', () => {
  it.each([
    [503, new UnavailableError('PostgreSQL'), /^Сейчас это не работает/],
    [500, new Error('nobody foresaw this'), /^Не получилось/],
  ])('is told by the page as well, with status %i, and spends no link', async (status, error, told) => {
    vi.spyOn(auth.app.get(RegistrationService), 'verify').mockRejectedValue(error);
    const answer = await submit('/auth/verify-email?lang=ru', { token: TOKEN });
    expect(answer.status).toBe(status);
    const page = await pageOf(answer);
    expect(alertOf(page)).toMatch(told);
    expect(page).toContain(`value="${TOKEN}"`);
    expect(page).not.toContain('nobody foresaw');
  });
});

it('a form of another site gets no page', async () => {
  const answer = await submit('/oauth/sign-in', { email: EMAIL, password: PASSWORD }, { origin: 'http://evil.test' });
  expect(answer.status).toBe(403);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
});
