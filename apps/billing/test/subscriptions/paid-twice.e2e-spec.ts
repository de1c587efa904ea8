import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BooksService } from '../../src/books/books.service.js';
import { Control } from '../money/control.js';
import { BillingStack } from './billing-stack.js';
import { demoPlan } from './offers.js';

interface Checkout {
  paymentId: string;
  checkoutUrl: string;
}
interface Subscriptions {
  items: { periods: { status: string }[] }[];
}

/** Two tabs are open for one plan, and the customer pays in both. */
describe.each(['extend', 'refund'] as const)('a plan paid twice, where the service is to %s', (wish) => {
  let stack: BillingStack;
  let control: Control;

  beforeAll(async () => {
    stack = await BillingStack.start({ BILLING_SECOND_PAYMENT: wish });
    control = new Control(stack.sandbox.controlUrl);
  });
  afterAll(() => stack.stop());

  const checkout = async (userId: string, months: 1 | 3 = 1): Promise<Checkout> => {
    const order = { planId: demoPlan(months).id, currency: 'EUR', payWith: 'card' };
    return (await stack.call<Checkout>(userId, 'POST', '/subscriptions/checkout', order)).body;
  };
  const pay = async (...checkouts: Checkout[]): Promise<void> => {
    await Promise.all(checkouts.map(({ checkoutUrl }) => stack.sandbox.pay(checkoutUrl)));
    const ids = checkouts.map(({ paymentId }) => paymentId);
    await until(`SELECT 1 FROM payments WHERE id = ANY($1) AND status = 'succeeded'`, [ids], ids.length);
  };
  const until = (query: string, values: unknown[], count: number): Promise<unknown> =>
    vi.waitUntil(async () => (await stack.sql.query(query, values)).rowCount === count, {
      timeout: 60_000,
      interval: 50,
    });
  /** How many periods there are that were not taken back. */
  const active = async (userId: string): Promise<number> => {
    const { body } = await stack.call<Subscriptions>(userId, 'GET', '/subscriptions/me');
    return body.items[0]!.periods.filter(({ status }) => status === 'active').length;
  };
  /** What became of a user's payments, in the order they settled. */
  const payments = async (userId: string): Promise<object[]> => {
    const { rows } = await stack.sql.query<object>(
      `SELECT status, refund_due, amount_minor - taken_minor AS kept,
              (SELECT count(*)::int FROM refunds r WHERE r.payment_id = p.id AND r.status = 'succeeded') AS refunds
         FROM payments p WHERE user_id = $1 ORDER BY settled_at`,
      [userId],
    );
    return rows;
  };
  const kept = { status: 'succeeded', refund_due: null, kept: '899', refunds: 0 };
  const givenBack = { status: 'succeeded', refund_due: 'paid_twice', kept: '0', refunds: 1 };
  const returned = (userId: string, count: number): Promise<unknown> =>
    until(
      `SELECT 1 FROM payments WHERE user_id = $1 AND refund_due = 'paid_twice' AND taken_minor = amount_minor`,
      [userId],
      count,
    );

  it('is treated so, with both payments to be seen, and the books stay true', async () => {
    const userId = randomUUID();
    await pay(await checkout(userId), await checkout(userId));
    if (wish === 'refund') await returned(userId, 1);
    expect(await payments(userId)).toEqual([kept, wish === 'refund' ? givenBack : kept]);
    expect(await active(userId)).toBe(wish === 'refund' ? 1 : 2);
    const { body } = await stack.call<{ items: object[] }>(
      randomUUID(),
      'GET',
      `/admin/payments?userId=${userId}`,
      undefined,
      { roles: ['admin'] },
    );
    expect(body.items).toHaveLength(2);
    const { checks } = await stack.app.get(BooksService).verify();
    expect(checks.filter(({ faultCount }) => faultCount > 0)).toEqual([]);
  });

  it('extends when the second checkout began after the first was paid, and when it was for another plan', async () => {
    const userId = randomUUID();
    const [first, other] = [await checkout(userId), await checkout(userId, 3)];
    await pay(first);
    await pay(await checkout(userId));
    await pay(other);
    expect(await payments(userId)).toEqual([kept, kept, { ...kept, kept: '2399' }]);
    expect(await active(userId)).toBe(3);
  });

  it('keeps one of three or all, and asks again for what the provider could not give back', async () => {
    const userId = randomUUID();
    const three = [await checkout(userId), await checkout(userId), await checkout(userId)];
    await control.call('POST', '/faults', { provider: 'stripe', kind: 'api.unavailable', match: 'POST /v1/refunds' });
    await pay(...three);
    const back = wish === 'refund' ? 2 : 0;
    await until(
      `SELECT 1 FROM refunds JOIN payments p ON p.id = payment_id WHERE p.user_id = $1 AND refunds.status = 'requested'`,
      [userId],
      back,
    );
    await control.faultsOff();
    await stack.sql.query(`UPDATE refunds SET next_check_at = now() WHERE status = 'requested'`);
    await returned(userId, back);
    expect(await payments(userId)).toEqual(wish === 'refund' ? [kept, givenBack, givenBack] : [kept, kept, kept]);
    expect(await active(userId)).toBe(3 - back);
  });
});
