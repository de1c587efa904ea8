import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEMO_PLANS } from '../../src/plans/demo-plans.js';
import { EarnRevenueService } from '../../src/subscriptions/earn-revenue.service.js';
import { Control } from '../money/control.js';
import { MoneyUser } from '../money/money-user.js';
import { BillingStack } from './billing-stack.js';

interface Problem {
  code: string;
}
interface Money {
  amount: string;
  currency: string;
}
interface Period {
  id: string;
  status: string;
  paidWith: string;
  paid: Money;
}
interface Subscriptions {
  items: { id: string; status: string; paidUntil: string | null; periods: Period[] }[];
}
interface Entitlements {
  items: { activeUntil: string }[];
  version: number;
}
interface HolderPage {
  items: { userId: string; planId: string; endsAt: string; state: string; renews: boolean; paidWith: string }[];
  nextCursor: string | null;
}
interface AdminPlan {
  id: string;
  prices: Money[];
  activeUntil: string | null;
}

const PLAN = DEMO_PLANS[1]!;
const ADMIN = { roles: ['admin' as const] };

describe('giving back and administering subscriptions', () => {
  let stack: BillingStack;
  let userId: string;
  const adminId = randomUUID();

  beforeAll(async () => {
    stack = await BillingStack.start();
  });
  afterAll(() => stack.stop());
  beforeEach(() => {
    userId = randomUUID();
  });

  const asAdmin = <T>(method: string, path: string, body?: object) =>
    stack.call<T & Problem>(adminId, method, path, body, ADMIN);
  const entitlements = async () => (await stack.call<Entitlements>(userId, 'GET', '/entitlements/me')).body;
  const subscription = async () => (await stack.call<Subscriptions>(userId, 'GET', '/subscriptions/me')).body.items[0]!;
  const until = <T>(look: () => Promise<T>) => vi.waitUntil(look, { timeout: 10_000, interval: 25 });
  const buy = async (): Promise<Period> => {
    const order = { planId: PLAN.id, currency: 'EUR', payWith: 'card' };
    const { body } = await stack.call<{ checkoutUrl: string }>(userId, 'POST', '/subscriptions/checkout', order);
    await stack.sandbox.pay(body.checkoutUrl);
    await until(async () => (await entitlements()).items.length > 0);
    return (await subscription()).periods[0]!;
  };
  /** A period of three months whose second has begun: a third of its price may go back. */
  const boughtLastMonth = async (): Promise<Period> => {
    const period = await buy();
    await stack.sql.query(
      `UPDATE subscription_periods SET anchor = anchor - interval '40 days',
              period = tstzrange(lower(period) - interval '40 days', upper(period) - interval '40 days') WHERE id = $1`,
      [period.id],
    );
    return period;
  };
  /** What of the user's payments is on its way back, in minor units. */
  const promisedBack = async (): Promise<number> => {
    const { rows } = await stack.sql.query<{ sum: string }>(
      'SELECT sum(refund_requested_minor) FROM payments WHERE user_id = $1',
      [userId],
    );
    return Number(rows[0]!.sum);
  };
  const audited = async (action: string): Promise<number> => {
    const { rowCount } = await stack.sql.query('SELECT 1 FROM audit_log WHERE action = $1 AND actor = $2', [
      action,
      adminId,
    ]);
    return rowCount!;
  };

  it('takes no roubles by card without being told to, and says what it takes', async () => {
    const order = { planId: PLAN.id, currency: 'RUB', payWith: 'card' };
    const { status, body } = await stack.call(userId, 'POST', '/subscriptions/checkout', order);
    expect([status, body]).toMatchObject([
      422,
      { code: 'payment.currency_not_chargeable', currencies: ['USD', 'EUR', 'CNY'] },
    ]);
  });

  it('gives the months not begun back to the card, and access ends within two seconds', async () => {
    const period = await buy();
    const before = performance.now();
    const answer = await stack.call<{ amount: Money; to: string }>(
      userId,
      'POST',
      `/subscriptions/periods/${period.id}/refund`,
      {},
    );
    // The first of three months has begun.
    expect([answer.status, answer.body]).toEqual([201, { amount: { amount: '16.00', currency: 'EUR' }, to: 'card' }]);
    await until(async () => {
      const { rows } = await stack.sql.query<{ months: number }>(
        'SELECT months FROM subscription_periods WHERE id = $1',
        [period.id],
      );
      return rows[0]!.months === 1;
    });
    const twoMonthsEarlier = new Date((await entitlements()).items[0]!.activeUntil);
    expect(performance.now() - before).toBeLessThan(2_000);
    expect(+twoMonthsEarlier).toBeLessThan(Date.now() + 32 * 86_400_000);
    const again = await stack.call<Problem>(userId, 'POST', `/subscriptions/periods/${period.id}/refund`, {});
    expect([again.status, again.body.code]).toEqual([409, 'subscription.not_refundable']);
  });

  it('gives the same months back once, however many ask at the same time', async () => {
    const { id } = await boughtLastMonth();
    const path = `/subscriptions/periods/${id}/refund`;
    const answers = await Promise.all([1, 2, 3].map(() => stack.call<Problem>(userId, 'POST', path, {})));
    const byStatus = answers.toSorted((a, b) => a.status - b.status);
    expect(byStatus.map(({ status, body }) => [status, body.code])).toEqual([
      [201, undefined],
      [409, 'subscription.not_refundable'],
      [409, 'subscription.not_refundable'],
    ]);
    expect(await promisedBack()).toBe(8_00);
  });

  it('gives the same months back once, also while the provider is down', async () => {
    const { id } = await boughtLastMonth();
    const path = `/subscriptions/periods/${id}/refund`;
    const control = new Control(stack.sandbox.controlUrl);
    await control.call('POST', '/faults', { provider: 'stripe', kind: 'api.unavailable', match: 'POST /v1/refunds' });
    const first = await stack.call(userId, 'POST', path, {});
    const second = await stack.call<Problem>(userId, 'POST', path, {});
    await control.faultsOff();
    expect([first.status, second.status, second.body.code]).toEqual([503, 409, 'subscription.not_refundable']);
    expect(await promisedBack()).toBe(8_00);
  });

  it('lets an administrator give everything back, which ends access at once', async () => {
    const period = await buy();
    const wish = { userId, policy: 'whole', reason: 'a mistake of ours' };
    const answer = await asAdmin<{ to: string }>('POST', `/admin/subscriptions/periods/${period.id}/refund`, wish);
    expect(answer.status).toBe(201);
    await until(async () => (await entitlements()).items.length === 0);
    expect((await subscription()).periods[0]!.status).toBe('revoked');
  });

  it.each([
    ['was sold without refund', `offer = jsonb_set(offer, '{refundPolicy}', '"none"')`],
    ['was revoked', `status = 'revoked', months = 0, revoked_at = now(), revoked_reason = 'a test'`],
  ])('gives nothing back of a period that %s', async (_, change) => {
    const period = await buy();
    await stack.sql.query(`UPDATE subscription_periods SET ${change} WHERE id = $1`, [period.id]);
    const answer = await stack.call<Problem>(userId, 'POST', `/subscriptions/periods/${period.id}/refund`, {});
    expect(answer).toMatchObject({ status: 409, body: { code: 'subscription.not_refundable' } });
    expect(await promisedBack()).toBe(0);
  });

  it('grants and revokes with a reason on record', async () => {
    const granted = await asAdmin<Period>('POST', '/admin/subscriptions/grants', {
      userId,
      planId: PLAN.id,
      reason: 'a prize',
    });
    expect(granted).toMatchObject({ status: 201, body: { paidWith: 'grant', paid: { amount: '0.00' } } });
    expect((await entitlements()).items).toHaveLength(1);
    const path = `/admin/subscriptions/periods/${granted.body.id}/revoke`;
    expect((await asAdmin('POST', path, { userId })).status).toBe(422);
    expect((await asAdmin<Period>('POST', path, { userId, reason: 'the prize was another' })).body.status).toBe(
      'revoked',
    );
    expect((await entitlements()).items).toEqual([]);
    expect((await asAdmin('POST', path, { userId, reason: 'once more' })).status).toBe(409);
    expect([await audited('subscription.granted'), await audited('subscription.revoked')]).toEqual([1, 1]);
    const held = await asAdmin<Subscriptions>('GET', `/admin/subscriptions?userId=${userId}`);
    expect(held.body.items[0]!.periods).toHaveLength(1);
    expect(await audited('subscriptions.viewed')).toBe(1);
  });

  it('lists who holds a plan, page by page', async () => {
    const wanted = {
      product: 'cinema',
      productName: 'Cinema',
      name: 'For the list',
      termMonths: 1,
      features: {},
      graceDays: 3,
      refundPolicy: 'none',
      prices: [{ amount: '1.00', currency: 'EUR' }],
    };
    // Another administrator: the acts of ours are counted.
    const { body: plan } = await stack.call<AdminPlan>(randomUUID(), 'POST', '/admin/plans', wanted, ADMIN);
    const users = Array.from({ length: 5 }, () => randomUUID());
    const grant = { planId: plan.id, reason: 'a prize' };
    await Promise.all(users.map((user) => asAdmin('POST', '/admin/subscriptions/grants', { ...grant, userId: user })));
    const looking = randomUUID();
    const page = (query: string) =>
      stack.call<HolderPage>(
        looking,
        'GET',
        `/admin/subscriptions/holders?planId=${plan.id}&limit=2${query}`,
        undefined,
        ADMIN,
      );
    const held: HolderPage['items'] = [];
    let cursor: string | null = '';
    for (let query = ''; cursor !== null; query = `&cursor=${cursor}`) {
      const { body } = await page(query);
      held.push(...body.items);
      cursor = body.nextCursor;
    }
    expect(held.map(({ userId: user }) => user).toSorted()).toEqual(users.toSorted());
    expect(held.map(({ endsAt }) => endsAt)).toEqual(held.map(({ endsAt }) => endsAt).toSorted());
    expect(held[0]).toMatchObject({ planId: plan.id, state: 'active', renews: false, paidWith: 'grant' });
    expect((await page('&state=grace')).body).toEqual({ items: [], nextCursor: null });
    const refused = await Promise.all(['&cursor=nonsense', '&cursor=', '&state=ended'].map(page));
    expect(refused.map(({ status }) => status)).toEqual([422, 422, 422]);
    const { rows } = await stack.sql.query<{ subject_id: string }>(
      "SELECT subject_id FROM audit_log WHERE actor = $1 AND action = 'holders.viewed' ORDER BY id",
      [looking],
    );
    // Each person shown, once.
    expect(rows.map((row) => row.subject_id).toSorted()).toEqual(users.toSorted());
    for (const path of ['totals', 'revenue?from=2026-01-01&to=2026-02-01'])
      expect((await stack.call(looking, 'GET', `/admin/subscriptions/${path}`, undefined, ADMIN)).status).toBe(200);
    const lines = await stack.sql.query('SELECT count(*)::int AS count FROM audit_log WHERE actor = $1', [looking]);
    expect(lines.rows).toEqual([{ count: users.length }]);
  });

  it('grants once, also when the answer to the order was lost with the service', async () => {
    const order = { userId, planId: PLAN.id, reason: 'a prize' };
    const key = randomUUID();
    const grant = () => stack.call<Period>(adminId, 'POST', '/admin/subscriptions/grants', order, { ...ADMIN, key });
    const first = await grant();
    await stack.sql.query(
      'UPDATE idempotency_keys SET response_status = NULL, response_body = NULL, locked_until = now() WHERE key = $1',
      [key],
    );
    expect((await grant()).body.id).toBe(first.body.id);
    expect((await subscription()).periods).toHaveLength(1);
  });

  it('takes keys of 200 characters, the longest there are', async () => {
    const user = await MoneyUser.join(stack);
    await user.pay('30.00', 'EUR');
    const order = { planId: PLAN.id, currency: 'EUR', payWith: 'balance' };
    const key = 'k'.repeat(200);
    const bought = await stack.call<{ period: Period }>(user.id, 'POST', '/subscriptions/checkout', order, { key });
    expect(bought.status).toBe(201);
    const path = `/subscriptions/periods/${bought.body.period.id}/refund`;
    expect(await stack.call(user.id, 'POST', path, {}, { key })).toMatchObject({
      status: 201,
      body: { to: 'balance' },
    });
    expect(await user.balances()).toMatchObject({ EUR: '22.01' });
  });

  it('repays what the user owes first out of what goes back to the balance', async () => {
    const user = await MoneyUser.join(stack);
    const topUp = await user.pay('30.00', 'EUR');
    const order = { planId: PLAN.id, currency: 'EUR', payWith: 'balance' };
    const { body } = await stack.call<{ period: Period }>(user.id, 'POST', '/subscriptions/checkout', order);
    const back = { reason: 'a mistake of ours' };
    await stack.call(adminId, 'POST', `/admin/payments/${topUp.id}/refunds`, back, ADMIN);
    expect(await user.balances()).toMatchObject({ EUR: '0.00', 'EUR debt': '-23.99' });
    const refund = await stack.call(user.id, 'POST', `/subscriptions/periods/${body.period.id}/refund`, {});
    expect(refund).toMatchObject({ status: 201, body: { amount: { amount: '16.00' }, to: 'balance' } });
    expect(await user.balances()).toMatchObject({ EUR: '0.00', 'EUR debt': '-7.99' });
  });

  it('answers a refund to the balance that was killed before its answer as it would have then, and refunds once', async () => {
    const user = await MoneyUser.join(stack);
    await user.pay('30.00', 'EUR');
    const order = { planId: PLAN.id, currency: 'EUR', payWith: 'balance' };
    const { body } = await stack.call<{ period: Period }>(user.id, 'POST', '/subscriptions/checkout', order);
    const key = randomUUID();
    const refund = () => stack.call(user.id, 'POST', `/subscriptions/periods/${body.period.id}/refund`, {}, { key });
    const first = await refund();
    const after = await user.balances();
    // What a process leaves that ends after the commit: no answer, and a lease that runs out.
    await stack.sql.query(
      `UPDATE idempotency_keys SET response_status = NULL, response_body = NULL, locked_until = now() - interval '1 second'
        WHERE key = $1`,
      [key],
    );
    const second = await refund();
    expect([first.status, second.status, second.body]).toEqual([201, 201, first.body]);
    expect(await user.balances()).toEqual(after);
  });

  it('makes, reprices and archives plans, and what is sold keeps its price', async () => {
    const plan = {
      product: 'cinema',
      productName: 'Cinema',
      name: 'Premium',
      termMonths: 1,
      features: { video_quality: 'ultra_hd', max_devices: 4 },
      graceDays: 5,
      refundPolicy: 'none',
      prices: [{ amount: '14.99', currency: 'EUR' }],
    };
    const planKey = randomUUID();
    const make = (body: object) =>
      stack.call<AdminPlan & Problem>(adminId, 'POST', '/admin/plans', body, { ...ADMIN, key: planKey });
    const { body: created } = await make(plan);
    expect((await make(plan)).body).toEqual(created);
    expect((await make({ ...plan, name: 'Other' })).body.code).toBe('idempotency.key_reused');
    const keyless = { ...ADMIN, headers: { 'idempotency-key': '' } };
    expect((await stack.call(adminId, 'POST', '/admin/plans', plan, keyless)).status).toBe(400);
    const onSale = async () =>
      ((await (await fetch(`${stack.url}/plans`)).json()) as { items: AdminPlan[] }).items.find(
        ({ id }) => id === created.id,
      );
    expect(await onSale()).toMatchObject({ name: 'Premium', prices: [{ amount: '14.99', currency: 'EUR' }] });
    const order = { planId: created.id, currency: 'EUR', payWith: 'card' };
    const key = randomUUID();
    const begin = () =>
      stack.call<{ paymentId: string; checkoutUrl: string }>(userId, 'POST', '/subscriptions/checkout', order, { key });
    const begun = await begin();
    const prices = [{ amount: '16.99', currency: 'EUR' }];
    await asAdmin('PUT', `/admin/plans/${created.id}/prices`, { prices, pricesVersion: 1, reason: 'inflation' });
    expect(await onSale()).toMatchObject({ prices });
    const late = { prices, pricesVersion: 1, reason: 'the same again' };
    const repricedAgain = await asAdmin('PUT', `/admin/plans/${created.id}/prices`, late);
    expect([repricedAgain.status, repricedAgain.body.code]).toEqual([409, 'plan.repriced']);
    const seenBefore = { ...order, shownAmount: '14.99' };
    const refused = await stack.call<Problem>(userId, 'POST', '/subscriptions/checkout', seenBefore);
    expect([refused.status, refused.body]).toMatchObject([409, { code: 'plan.price_changed', price: prices[0] }]);
    // The same order, whose answer was lost with the service, is the same payment at the price it was begun at.
    await stack.sql.query(
      'UPDATE idempotency_keys SET response_status = NULL, response_body = NULL, locked_until = now() WHERE key = $1',
      [key],
    );
    expect((await begin()).body).toEqual(begun.body);
    expect(
      (await asAdmin<AdminPlan>('POST', `/admin/plans/${created.id}/archive`, { reason: 'replaced' })).body.activeUntil,
    ).not.toBeNull();
    expect(await onSale()).toBeUndefined();
    // The checkout was begun before either: what was shown then is what is paid and given.
    await stack.sandbox.pay(begun.body.checkoutUrl);
    await until(async () => (await entitlements()).items.length > 0);
    expect((await subscription()).periods).toMatchObject([{ status: 'active', paid: { amount: '14.99' } }]);
    expect([await audited('plan.created'), await audited('plan.repriced'), await audited('plan.archived')]).toEqual([
      1, 1, 1,
    ]);
    for (const bad of [
      { features: { x: { y: 1 } } },
      { termMonths: 2 },
      { prices: [] },
      { prices: [...prices, ...prices] },
      { activeFrom: '2030-01-01T00:00:00Z', activeUntil: '2030-01-01T00:00:00Z' },
      { activeUntil: '2026-01-01T00:00:00Z' },
      { activeFrom: '2030-01-01T00:00:00' },
    ]) {
      expect((await asAdmin('POST', '/admin/plans', { ...plan, ...bad })).status).toBe(422);
    }
  });

  it('adds up what was sold and what was earned, the same by plan and by day', async () => {
    const { id } = await boughtLastMonth();
    await stack.sql.query('UPDATE subscription_periods SET earn_at = now() WHERE id = $1', [id]);
    await stack.app.get(EarnRevenueService).earnAllDue();
    const { body: totals } = await asAdmin<{
      items: { planId: string; running: number; paid: Money; earned: Money }[];
    }>('GET', '/admin/subscriptions/totals');
    const sold = totals.items.find((plan) => plan.planId === PLAN.id && plan.paid.currency === 'EUR')!;
    expect(sold.running).toBeGreaterThan(0);
    // A month of three, and some days of the second.
    expect(Number(sold.earned.amount)).toBeGreaterThan(7.99);
    const days = await asAdmin<{ items: { day: string; earned: Money }[] }>(
      'GET',
      '/admin/subscriptions/revenue?from=2026-01-01&to=2100-01-01',
    );
    const noDays = ['2026-01-01T00:00:00', '2026-01-01T00:00:00+12:00', '2026-02-30', '2026-1-1', ''];
    const asked = noDays.map((from) =>
      asAdmin('GET', `/admin/subscriptions/revenue?from=${encodeURIComponent(from)}&to=2100-01-01`),
    );
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(noDays.map(() => 422));
    const cents = (money: Money[]): number =>
      money
        .filter(({ currency }) => currency === 'EUR')
        .reduce((sum, { amount }) => sum + Number(amount.replace('.', '')), 0);
    expect(cents(days.body.items.map(({ earned }) => earned))).toBe(cents(totals.items.map(({ earned }) => earned)));
  });

  it('keeps administration to administrators', async () => {
    for (const [method, path] of [
      ['GET', '/admin/plans'],
      ['POST', '/admin/plans'],
      ['GET', `/admin/subscriptions?userId=${userId}`],
      ['POST', '/admin/subscriptions/grants'],
      ['GET', '/admin/subscriptions/totals'],
      ['GET', '/admin/subscriptions/holders'],
    ] as const) {
      expect((await stack.call(userId, method, path, method === 'POST' ? {} : undefined)).status).toBe(403);
    }
  });

  it('answers an unchanged question with 304', async () => {
    await buy();
    const first = await stack.call<Entitlements>(userId, 'GET', '/entitlements/me');
    const etag = first.headers.get('etag')!;
    const headers = { 'if-none-match': etag };
    expect((await stack.call(userId, 'GET', '/entitlements/me', undefined, { headers })).status).toBe(304);
    await buy();
    const changed = () => stack.call(userId, 'GET', '/entitlements/me', undefined, { headers });
    await until(async () => (await changed()).status === 200);
  });
});
