import { randomUUID } from 'node:crypto';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { testStores } from '#libs/testing';
import { BillingStack } from './billing-stack.js';

interface Entitlements {
  items: { product: string }[];
}

describe('a customer with a browser', () => {
  let stack: BillingStack;
  let browser: Browser;

  beforeAll(async () => {
    stack = await BillingStack.start();
    browser = await chromium.launch({ executablePath: testStores().CHROMIUM_PATH, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    await stack.stop();
  });

  const open = async (locale: string): Promise<Page> => {
    const page = await (await browser.newContext({ locale })).newPage();
    await page.goto(`${stack.url}/subscribe`);
    return page;
  };
  const pay = async (page: Page, card: string): Promise<void> => {
    await page.fill('[name=email]', 'viewer@example.com');
    await page.fill('[name=card_number]', card);
    await page.fill('[name=expiry]', '12/40');
    await page.fill('[name=cvc]', '123');
    await page.fill('[name=name]', 'V. Viewer');
    await page.click('button[value=pay]');
  };
  const entitlements = async (userId: string) =>
    (await stack.call<Entitlements>(userId, 'GET', '/entitlements/me')).body.items;

  it('buys a plan: declined card, good card, return page, entitlement', async () => {
    const userId = randomUUID();
    const page = await open('en-US');
    // Signing in is auth's part: it answers as auth does.
    await page.route('http://auth.test/auth/login', (route) =>
      route.fulfill({
        headers: { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' },
        json: { accessToken: stack.token(userId), tokenType: 'Bearer', expiresInSeconds: 600, refreshToken: 'r' },
      }),
    );
    await page.getByRole('button', { name: '23.99 EUR by card' }).click();
    await page.getByLabel('E-mail').fill('viewer@example.com');
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Sign in' }).click();

    await page.waitForURL(/\/c\/pay\//);
    await pay(page, '4000 0000 0000 0002');
    await page.getByRole('alert').waitFor();
    expect(await entitlements(userId)).toEqual([]);

    await pay(page, '4242 4242 4242 4242');
    await page.waitForURL(/\/payments\/[0-9a-f-]+\/return/);
    await page.getByRole('heading', { name: 'Paid' }).waitFor({ timeout: 20_000 });
    const items = await vi.waitUntil(async () => {
      const found = await entitlements(userId);
      return found.length > 0 && found;
    });
    expect(items).toMatchObject([{ product: 'cinema' }]);
  });

  it('is told on the page, in Russian too, when the balance is too small or the price has changed', async () => {
    const page = await open('ru-RU');
    await page.evaluate((token) => sessionStorage.setItem('subscribe.token', token), stack.token(randomUUID()));
    await page
      .getByRole('button', { name: /PNT с баланса/ })
      .first()
      .click();
    const said = page.getByText('На балансе не хватает денег.');
    await said.waitFor();
    expect(await said.isVisible()).toBe(true);
    await stack.sql.query(`UPDATE plan_prices SET amount_minor = amount_minor + 100 WHERE currency = 'RUB'`);
    await page.getByRole('button', { name: /799,00 RUB с баланса/ }).click();
    await page.getByText('Цена изменилась. Обновите страницу, чтобы увидеть новую.').waitFor();
  });
});
