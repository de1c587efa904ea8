import { randomUUID } from 'node:crypto';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testStores } from '#libs/testing';
import { type Administrator, codesOf } from '../tools/demo/administrator.ts';
import { call, callJson, eventually } from '../tools/demo/client.ts';
import { mailTo, type Payment, type Quote, type Tokens } from '../tools/demo/shapes.ts';
import { startTestStack, type TestStack } from '../tools/local/test-stack.ts';
import { newUser } from './authorization/people.js';

/** The flags keep a browser that has no internet from trying to reach it. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const VIEWER = { email: 'viewer@example.com', password: 'correct horse battery' };
const CARDS = { declined: '4000000000000002', good: '4242424242424242' };

describe('the pages in a real browser', () => {
  let stack: TestStack;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([
      startTestStack({ seed: true }),
      chromium.launch({ executablePath: testStores().CHROMIUM_PATH, args: FLAGS }),
    ]);
  });

  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  beforeEach(async () => {
    page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
    page.setDefaultTimeout(20_000);
  });

  afterEach(() => page.context().close());

  async function signIn(address: string, { email, password }: typeof VIEWER): Promise<void> {
    await page.goto(address);
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  /** Google asks for consent the first time only. */
  async function signInWithGoogle(): Promise<void> {
    const [consent, done] = [page.locator('button[name=consent][value=allow]'), page.getByText('You are signed in')];
    await page.goto(`${stack.url.auth}/oauth/`);
    await page.getByRole('link', { name: 'Continue with Google' }).click();
    await page.locator('button[name=account]').first().waitFor();
    // To a browser, ports make no other site: Google is one, so that cookies meant for the same site only stay at home.
    await page.goto(page.url().replace('127.0.0.1', 'localhost'));
    await page.locator('button[name=account]').first().click();
    await consent.or(done).first().waitFor();
    if (await consent.isVisible()) await consent.click();
    await done.waitFor();
  }

  /** Gives the codes that are good now until one is taken: each works once. */
  async function giveCode(administrator: Administrator, taken: Locator): Promise<void> {
    const field = page.getByRole('textbox', { name: /code/i });
    await field.waitFor();
    for (const code of codesOf(administrator)) {
      await field.fill(code);
      await page.getByRole('button', { name: 'Continue' }).click();
      await taken.or(page.getByRole('alert')).first().waitFor();
      if (await taken.isVisible()) return;
    }
    throw new Error('No code was taken');
  }

  async function payWith(card: string): Promise<void> {
    await page.locator('input[name=card_number]').fill(card);
    await page.locator('input[name=expiry]').fill('12/34');
    await page.locator('input[name=cvc]').fill('123');
    await page.locator('button[value=pay]').click();
  }

  async function startTopUp(): Promise<Payment> {
    const { auth, billing } = stack.url;
    const { accessToken: token } = await callJson<Tokens>(`${auth}/auth/login`, { method: 'POST', body: VIEWER });
    const post = <T>(path: string, body: unknown, headers = {}) =>
      callJson<T>(`${billing}${path}`, { method: 'POST', token, body, headers, status: 201 });
    await post('/profiles', {});
    await post('/accounts', { currency: 'PNT' });
    const quote = await post<Quote>('/quotes', { from: { amount: '20.00', currency: 'EUR' }, to: 'PNT' });
    return post('/top-ups', { quoteId: quote.id }, { 'idempotency-key': randomUUID() });
  }

  it('sign a user in by e-mail and password', async () => {
    await signIn(`${stack.url.auth}/oauth/`, VIEWER);
    await page.getByText('You are signed in').waitFor();
    expect(new URL(page.url()).origin).toBe(stack.url.auth);
  });

  it('refuse a wrong password without saying what was wrong', async () => {
    await signIn(`${stack.url.auth}/oauth/`, { ...VIEWER, password: 'not the password' });
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).not.toMatch(/unknown|no such|exist/i);
  });

  it('let a user who has mistyped the password try again at once', async () => {
    await signIn(`${stack.url.auth}/oauth/`, { ...VIEWER, password: 'not the password' });
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Password').fill(VIEWER.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('You are signed in').waitFor();
    expect(new URL(page.url()).origin).toBe(stack.url.auth);
  });

  it('sign a user in with Google', async () => {
    await signInWithGoogle();
    expect(new URL(page.url()).origin).toBe(stack.url.auth);
  });

  it('end the session the browser had when its user signs in anew, though Google sends it back without the cookie', async () => {
    await signIn(`${stack.url.auth}/oauth/`, VIEWER);
    await page.getByText('You are signed in').waitFor();
    const refreshToken = (await page.context().cookies()).find(({ name }) => name === 'refresh')!.value;
    await signInWithGoogle();
    expect((await page.context().cookies()).find(({ name }) => name === 'refresh')!.value).not.toBe(refreshToken);
    await call(`${stack.url.auth}/auth/refresh`, { method: 'POST', body: { refreshToken }, status: 401 });
  });

  it('take the token of a link by mail out of the address at once, and act by it all the same', async () => {
    const reader = await newUser(stack);
    await call(`${stack.url.auth}/auth/password/forgot`, {
      method: 'POST',
      body: { email: reader.email },
      status: 202,
    });
    const mail = await eventually('a mail with a link', () => mailTo(stack.url, reader.email, /password\/reset/));
    const link = /https?:\/\/\S+\/auth\/password\/reset\?token=[\w-]+\S*/.exec(mail.text)![0];
    await page.goto(link);
    expect(page.url()).toBe(`${stack.url.auth}/auth/password/reset`);
    const password = 'a passphrase nobody has seen';
    await page.getByLabel('New password').fill(password);
    await page.getByRole('button').click();
    await page.getByText('The new password is set').first().waitFor();
    await signIn(`${stack.url.auth}/oauth/`, { email: reader.email, password });
    await page.getByText('You are signed in').waitFor();
  });

  it('speak Russian to a Russian browser', async () => {
    const russian = await browser.newContext({ locale: 'ru-RU' });
    const other = await russian.newPage();
    await other.goto(`${stack.url.auth}/oauth/`);
    expect(await other.locator('html').getAttribute('lang')).toBe('ru');
    await other.getByRole('button', { name: 'Войти' }).waitFor();
    await russian.close();
  });

  it('let a payer try again after a declined card, and tell the truth on the way back', async () => {
    const topUp = await startTopUp();
    await page.goto(`${stack.url.billing}/top-ups/${topUp.id}/return`);
    expect(await page.locator('main').innerText()).not.toContain('Paid');
    await page.goto(topUp.checkoutUrl);
    await payWith(CARDS.declined);
    await page.getByText('declined').first().waitFor();
    await payWith(CARDS.good);
    await page.waitForURL(`**/top-ups/${topUp.id}/return*`);
    await page.getByRole('heading', { name: 'Paid' }).waitFor();
  });

  it('have a new superuser set up a second step at the first sign-in, and ask for it ever after', async () => {
    const fresh = { email: 'fresh@cinema.example', password: 'a passphrase of its own' };
    await stack.stack.command('auth', ['create-superuser'], {
      SUPERUSER_EMAIL: fresh.email,
      SUPERUSER_PASSWORD: fresh.password,
    });
    await signIn(`${stack.url.notification}/admin`, fresh);
    await page.getByRole('link', { name: 'Set up the second step' }).click();
    await page.getByLabel('E-mail').fill(fresh.email);
    await page.getByLabel('Password').fill(fresh.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Set up' }).click();
    await page.locator('svg').waitFor();
    const enrolled = { ...fresh, totpSecret: (await page.locator('code').innerText()).replaceAll(' ', '') };
    await page.getByLabel('Code').fill('000000');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Code').fill(codesOf(enrolled)[0]!);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('recovery codes').waitFor();
    expect(await page.locator('li').count()).toBe(10);
    await page.getByRole('link', { name: 'Continue' }).click();
    await signIn(`${stack.url.notification}/admin`, enrolled);
    await giveCode(enrolled, page.getByText('New campaign'));
    expect(new URL(page.url()).origin).toBe(stack.url.notification);
  });

  it('let an administrator write to everybody from the panel', async () => {
    const title = `Tonight: ${randomUUID().slice(0, 8)}`;
    await signIn(`${stack.url.notification}/admin`, stack.superuser);
    await giveCode(stack.superuser, page.getByText('New campaign'));
    await page.getByText('New campaign').click();
    await page.locator('input[name=name]').fill(title);
    await page.locator('[name=subject-en]').fill(title);
    await page.locator('[name=body-en]').fill('A new film is out.');
    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByRole('dialog').locator('button[value=yes]').click();
    await page.getByText('Done').first().waitFor();
    expect(await page.getByRole('heading', { name: title }).first().isVisible()).toBe(true);
  });
});
