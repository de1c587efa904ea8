import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { paidSession, payByCard, sdkFor, sessionParams, SHOP, startSandbox, submit } from '../testing/harness.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

async function newSession(change: object = {}): Promise<string> {
  return (await sdkFor(sandbox).checkout.sessions.create({ ...sessionParams(), ...change })).id;
}

async function get(path: string, language = 'en'): Promise<{ status: number; text: string }> {
  const response = await fetch(`${sandbox.urls.stripe}${path}`, { headers: { 'accept-language': language } });
  return { status: response.status, text: await response.text() };
}

const GOOD = {
  action: 'pay',
  email: 'p@example.com',
  card_number: '4242424242424242',
  expiry: '12 / 34',
  cvc: '123',
  name: 'P',
};

describe('the Checkout page', () => {
  it('shows what is bought and for how much, and that nothing is real', async () => {
    const { text } = await get(`/c/pay/${await newSession()}`);
    expect(text).toContain('SANDBOX - no real money');
    expect(text).toMatch(/data-amount>20\.00 EUR</);
    expect(text).toContain('Three months');
    expect(text).toContain('4000 0000 0000 9995');
    expect(text).toContain('name="viewport"');
  });

  it('speaks the language of the session, of the browser, or of the link', async () => {
    const plain = await newSession();
    expect((await get(`/c/pay/${plain}`, 'ru-RU,ru;q=0.9,en;q=0.8')).text).toContain('<html lang="ru">');
    expect((await get(`/c/pay/${plain}`, 'de,en;q=0.5,ru;q=0.3')).text).toContain('<html lang="en">');
    const russian = await newSession({ locale: 'ru' });
    expect((await get(`/c/pay/${russian}`)).text).toContain('<html lang="ru">');
    expect((await get(`/c/pay/${russian}?lang=en`)).text).toContain('<html lang="en">');
  });

  it('names every field by a label and needs no script', async () => {
    const { text } = await get(`/c/pay/${await newSession()}`);
    const fields = [...text.matchAll(/<input[^>]*\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(fields).toEqual(['email', 'card_number', 'expiry', 'cvc', 'name']);
    for (const id of fields) expect(text).toContain(`<label for="${id}"`);
    expect(text).not.toContain('<script');
    expect(text).not.toMatch(/(src|href)="https?:/);
  });

  it('leads to the shop with the session id in the address, or back to the cart', async () => {
    const paid = await newSession();
    expect((await payByCard(sandbox, paid)).headers.get('location')).toBe(`${SHOP}/paid?session=${paid}`);
    const cancelled = await submit(`${sandbox.urls.stripe}/c/pay/${await newSession()}`, { action: 'cancel' });
    expect(cancelled.headers.get('location')).toBe(`${SHOP}/cart`);
  });

  it.each([
    ['a card number that is none', { card_number: '4242 4242 4242 4241' }, 'Your card number is invalid.'],
    ['a date in the past', { expiry: '01 / 20' }, 'expiry date'],
    ['a month that is none', { expiry: '13 / 34' }, 'expiry date'],
    ['a short code', { cvc: '1' }, 'security code'],
    ['half an e-mail', { email: 'p@' }, 'e-mail'],
  ])('refuses %s without charging, keeping what was typed', async (_what, change, complaint) => {
    const id = await newSession();
    const response = await submit(`${sandbox.urls.stripe}/c/pay/${id}`, { ...GOOD, name: 'Typed Name', ...change });
    const text = await response.text();
    expect(response.status).toBe(422);
    expect(text).toContain(complaint.replace("'", '&#39;'));
    expect(text).toContain('value="Typed Name"');
    expect((await sdkFor(sandbox).checkout.sessions.retrieve(id)).payment_intent).toBeNull();
  });

  it('shows what was typed and what is sold as text', async () => {
    const evil = '<img src=x onerror=alert(1)>';
    const id = await newSession({
      line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 2000, product_data: { name: evil } } }],
    });
    const response = await submit(`${sandbox.urls.stripe}/c/pay/${id}`, { ...GOOD, cvc: '1', name: `"${evil}` });
    expect(await response.text()).not.toContain('<img');
  });

  it('offers bank debits for euros only', async () => {
    expect((await get(`/c/pay/${await newSession()}`)).text).toContain('AT611904300234573201');
    const dollars = (await sdkFor(sandbox).checkout.sessions.create(sessionParams(2000, 'usd'))).id;
    expect((await get(`/c/pay/${dollars}`)).text).not.toContain('AT611904300234573201');
    expect((await submit(`${sandbox.urls.stripe}/c/pay/${dollars}`, { iban: 'AT611904300234573201' })).status).toBe(
      422,
    );
  });

  it('says that a session is paid, expired or unknown', async () => {
    const { session, intent } = await paidSession(sandbox);
    expect((await get(`/c/pay/${session}`)).text).toContain('This payment is complete.');
    expect(await get('/c/pay/cs_test_nothing')).toMatchObject({ status: 404 });
    const expired = await newSession();
    await sdkFor(sandbox).checkout.sessions.expire(expired);
    expect(await get(`/c/pay/${expired}`)).toMatchObject({ status: 410 });
    expect(await get(`/3ds/${intent}`)).toMatchObject({ status: 409 });
  });

  it('gives a receipt for what was paid', async () => {
    const { intent } = await paidSession(sandbox);
    const { latest_charge: charge } = await sdkFor(sandbox).paymentIntents.retrieve(intent);
    expect((await get(`/receipts/${String(charge)}`)).text).toContain('20.00 EUR');
  });
});
