import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEMO_PLANS } from '../../src/plans/demo-plans.js';
import { BillingStack, SERVICE_KEYS } from './billing-stack.js';

interface Problem {
  code: string;
}
interface Checkout {
  paymentId: string;
  checkoutUrl: string;
  period: null;
}
interface Entitlements {
  userId: string;
  items: { product: string; features: object; activeUntil: string }[];
  version: number;
}
interface Subscriptions {
  items: {
    id: string;
    status: string;
    paidUntil: string;
    periods: { startsAt: string; endsAt: string; paid: object }[];
  }[];
}

const PLAN = DEMO_PLANS[1]!;
/** Roubles too, which an installation has to ask for. */
const CARD_CURRENCIES = ['USD', 'EUR', 'CNY', 'RUB'];

describe('buying a subscription by card', () => {
  let stack: BillingStack;
  let userId: string;

  beforeAll(async () => {
    stack = await BillingStack.start({
      STRIPE_CHARGE_CURRENCIES: CARD_CURRENCIES.join(','),
      SANDBOX_STRIPE_CURRENCIES: CARD_CURRENCIES.join(',').toLowerCase(),
    });
  });
  afterAll(() => stack.stop());
  beforeEach(() => {
    userId = randomUUID();
  });

  const checkout = (body: object = {}, key?: string) =>
    stack.call<Checkout & Problem>(
      userId,
      'POST',
      '/subscriptions/checkout',
      { planId: PLAN.id, currency: 'EUR', payWith: 'card', ...body },
      key ? { key } : {},
    );
  const entitlements = async () => (await stack.call<Entitlements>(userId, 'GET', '/entitlements/me')).body;
  const entitled = () => vi.waitUntil(async () => (await entitlements()).items[0], { timeout: 10_000, interval: 20 });

  it('shows what can be bought to everybody, with a price per currency', async () => {
    const answer = await fetch(`${stack.url}/plans`);
    const { items } = (await answer.json()) as { items: { termMonths: number; prices: object[] }[] };
    expect(items.map((plan) => plan.termMonths)).toEqual([1, 3, 6]);
    expect(items[0]!.prices).toContainEqual({ amount: '8.99', currency: 'EUR' });
    expect(items[0]!.prices).toContainEqual({ amount: '500.00', currency: 'PNT' });
  });

  it('leads from the plan over the Checkout page to the entitlement, soon after the webhook', async () => {
    const started = await checkout();
    expect(started.status).toBe(201);
    expect((await entitlements()).items).toEqual([]);
    await stack.sandbox.pay(started.body.checkoutUrl);
    const item = await entitled();
    expect(item).toMatchObject({ product: 'cinema', features: { max_devices: 2 } });
    const { items } = (await stack.call<Subscriptions>(userId, 'GET', '/subscriptions/me')).body;
    expect(items).toMatchObject([
      { status: 'active', paidUntil: item!.activeUntil, periods: [{ paid: { amount: '23.99', currency: 'EUR' } }] },
    ]);
  });

  it.each(CARD_CURRENCIES)('takes %s where the service is told to, exactly the price', async (currency) => {
    const { body } = await checkout({ currency });
    await stack.sandbox.pay(body.checkoutUrl);
    await entitled();
    const { items } = (await stack.call<Subscriptions>(userId, 'GET', '/subscriptions/me')).body;
    const price = { RUB: '2190.00', USD: '26.99', EUR: '23.99', CNY: '189.00' }[currency];
    expect(items[0]!.periods).toMatchObject([{ paid: { amount: price, currency } }]);
  });

  it('grants nothing for a declined card, and everything for the good one after it', async () => {
    const { body } = await checkout();
    await stack.sandbox.pay(body.checkoutUrl, '4000000000000002');
    const page = await fetch(`${stack.url}/payments/${body.paymentId}/return`);
    expect(page.status).toBe(200);
    expect((await entitlements()).items).toEqual([]);
    await stack.sandbox.pay(body.checkoutUrl);
    expect(await entitled()).toBeDefined();
  });

  it('answers a double click once', async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => checkout({}, key)));
    // Who comes while the first is answered waits for its answer, and gets it.
    expect(answers.map(({ status, body }) => [status, body])).toEqual(Array(10).fill([201, answers[0]!.body]));
    const payments = await stack.sql.query('SELECT 1 FROM payments WHERE user_id = $1', [userId]);
    expect(payments.rowCount).toBe(1);
  });

  it('stacks two orders of two tabs, however they are paid', async () => {
    const orders = await Promise.all([checkout(), checkout()]);
    await Promise.all(orders.map(({ body }) => stack.sandbox.pay(body.checkoutUrl)));
    const periods = await vi.waitUntil(
      async () => {
        const { items } = (await stack.call<Subscriptions>(userId, 'GET', '/subscriptions/me')).body;
        return items[0]?.periods.length === 2 && items[0].periods;
      },
      { timeout: 10_000, interval: 50 },
    );
    expect(periods[1]!.startsAt).toBe(periods[0]!.endsAt);
  });

  it('turns 50 purchases of one user at once into 50 payments and 50 adjacent periods', async () => {
    const orders = await Promise.all(Array.from({ length: 50 }, () => checkout({ currency: 'USD' })));
    expect(orders.map(({ status }) => status)).toEqual(Array(50).fill(201));
    expect(new Set(orders.map(({ body }) => body.paymentId)).size).toBe(50);
    await Promise.all(orders.map(({ body }) => stack.sandbox.pay(body.checkoutUrl)));
    const periods = await vi.waitUntil(
      async () => {
        const { items } = (await stack.call<Subscriptions>(userId, 'GET', '/subscriptions/me')).body;
        return items[0]?.periods.length === 50 && items[0].periods;
      },
      { timeout: 30_000, interval: 100 },
    );
    for (const [i, { startsAt }] of periods.entries()) if (i > 0) expect(startsAt).toBe(periods[i - 1]!.endsAt);
    const { rows } = await stack.sql.query(
      `SELECT count(*) AS payments, count(DISTINCT p.payment_id) AS bought, count(DISTINCT t.id) AS booked
         FROM payments s
         LEFT JOIN subscription_periods p ON p.payment_id = s.id AND p.status = 'active' AND p.paid_minor = s.amount_minor
         LEFT JOIN ledger_transactions t ON t.id = s.transaction_id AND t.user_id = s.user_id
        WHERE s.user_id = $1 AND s.status = 'succeeded'`,
      [userId],
    );
    expect(rows).toEqual([{ payments: '50', bought: '50', booked: '50' }]);
    expect((await entitlements()).items).toMatchObject([{ activeUntil: periods.at(-1)!.endsAt }]);
  });

  it.each([
    [{ planId: randomUUID() }, 404, 'plan.not_found'],
    [{ currency: 'GBP' }, 422, 'plan.no_price'],
    [{ currency: 'PNT' }, 422, 'payment.currency_not_chargeable'],
    [{ currency: 'eur' }, 422, 'request.invalid'],
    [{ payWith: 'cash' }, 422, 'request.invalid'],
    [{ price: '0.01' }, 422, 'request.invalid'],
    [{ payWith: 'balance', currency: 'PNT' }, 402, 'account.insufficient_funds'],
  ])('refuses %o with %i %s', async (body, status, code) => {
    const answer = await checkout(body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('refuses a plan outside its time of sale and changes nothing, and honours a checkout begun before', async () => {
    const { body } = await checkout();
    const sell = (from: string, until: string) =>
      stack.sql.query(`UPDATE plans SET active_from = ${from}, active_until = ${until} WHERE id = $1`, [PLAN.id]);
    for (const [from, until] of [
      [`active_from`, 'now()'],
      [`now() + interval '1 hour'`, 'NULL'],
    ] as const) {
      await sell(from, until);
      for (const payWith of ['card', 'balance']) {
        const refused = await checkout({ payWith });
        expect([refused.status, refused.body]).toMatchObject([422, { code: 'plan.not_on_sale', planId: PLAN.id }]);
      }
    }
    const left = await stack.sql.query(
      'SELECT id FROM payments WHERE user_id = $1 UNION ALL SELECT id FROM subscriptions WHERE user_id = $1',
      [userId],
    );
    expect(left.rows).toEqual([{ id: body.paymentId }]);
    await stack.sandbox.pay(body.checkoutUrl);
    expect(await entitled()).toBeDefined();
    await sell(`'2026-01-01T00:00:00Z'`, 'NULL');
  });

  it('shows entitlements of others to administrators only', async () => {
    const other = randomUUID();
    expect((await stack.call(userId, 'GET', `/entitlements/${other}`)).status).toBe(403);
    const asAdmin = await stack.call<Entitlements>(userId, 'GET', `/entitlements/${other.toUpperCase()}`, undefined, {
      roles: ['admin'],
    });
    expect(asAdmin.body).toEqual({ userId: other, items: [], version: 0, withheld: null });
    const looked = await stack.sql.query('SELECT actor, action FROM audit_log WHERE subject_id = $1', [other]);
    expect(looked.rows).toEqual([{ actor: userId, action: 'entitlements.viewed' }]);
    expect((await stack.call(userId, 'GET', '/entitlements/nobody', undefined, { roles: ['admin'] })).status).toBe(422);
    expect((await fetch(`${stack.url}/entitlements/me`)).status).toBe(401);
  });

  it('shows entitlements to services that show their key, each with a limit of its own', async () => {
    const read = (key: string, path = `/entitlements/${userId}`) =>
      fetch(`${stack.url}${path}`, { headers: { 'x-service-key': key } });
    const answers = [await read(SERVICE_KEYS.player), await read(SERVICE_KEYS.player)];
    answers.push(await read(SERVICE_KEYS.catalogue));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await answers[0]!.json()).toEqual({ userId, items: [], version: 0, withheld: null });
    const left = answers.map(({ headers }) => Number(headers.get('ratelimit-remaining-service')));
    expect(left).toEqual([11_999, 11_998, 11_999]);
    const wrong = await read(`${SERVICE_KEYS.player}x`);
    expect([wrong.status, await wrong.json()]).toMatchObject([401, { code: 'auth.unauthenticated' }]);
    expect((await read('')).status).toBe(401);
    expect((await fetch(`${stack.url}/entitlements/${userId}`)).status).toBe(401);
    // The key opens this one door only, and a wrong one is not made good by an administrator's token.
    expect((await read(SERVICE_KEYS.player, '/entitlements/me')).status).toBe(401);
    expect((await read(SERVICE_KEYS.player, `/admin/subscriptions?userId=${userId}`)).status).toBe(401);
    const headers = { 'x-service-key': 'wrong' };
    const roles = ['admin' as const];
    expect((await stack.call(userId, 'GET', `/entitlements/${userId}`, undefined, { roles, headers })).status).toBe(
      401,
    );
    // Administrators are not counted.
    const asAdmin = await stack.call(userId, 'GET', `/entitlements/${userId}`, undefined, { roles });
    expect([asAdmin.status, asAdmin.headers.get('ratelimit-remaining-service')]).toEqual([200, null]);
  });

  it('renews only what is the customer’s own', async () => {
    const id = randomUUID();
    const choice = { planId: PLAN.id, currency: 'PNT' };
    expect((await stack.call(userId, 'PUT', `/subscriptions/${id}/renewal`, choice)).status).toBe(404);
    expect((await stack.call(userId, 'POST', `/subscriptions/${id}/cancel`)).status).toBe(404);
    expect((await stack.call(userId, 'POST', '/subscriptions/x/cancel')).status).toBe(422);
  });
});
