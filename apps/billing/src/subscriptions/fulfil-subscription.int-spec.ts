import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SubscriptionsLab } from '../../test/subscriptions/subscriptions-lab.js';

interface PeriodRow {
  starts_at: Date;
  ends_at: Date;
}

describe('a captured subscription payment', () => {
  let lab: SubscriptionsLab;
  let userId: string;

  beforeAll(async () => {
    lab = await SubscriptionsLab.open();
  });
  afterAll(() => lab.close());
  beforeEach(() => {
    userId = randomUUID();
    lab.clock.set('2026-01-31T09:00:00.000Z');
  });

  const periods = (): Promise<PeriodRow[]> =>
    lab.rows<PeriodRow>(
      'SELECT lower(period) AS starts_at, upper(period) AS ends_at FROM subscription_periods WHERE user_id = $1 ORDER BY period',
      [userId],
    );

  it('buys a period, books the money as not yet earned, and leaves nothing in the wallet', async () => {
    const { transactionId } = await lab.pay(lab.payment(userId, 3));
    expect(await lab.subscriptions.ofUser(userId)).toMatchObject([
      {
        product: 'cinema',
        status: 'active',
        paidUntil: new Date('2026-04-30T09:00:00.000Z'),
        periods: [
          { startsAt: new Date('2026-01-31T09:00:00.000Z'), paidMinor: 2399n, paidCurrency: 'EUR', transactionId },
        ],
      },
    ]);
    const balances = await lab.rows<{ currency: string; balance: string }>(
      'SELECT currency, balance FROM account_balances WHERE user_id = $1',
      [userId],
    );
    expect(balances).toEqual([{ currency: 'EUR', balance: '0' }]);
  });

  it('tells the purchase and the changed entitlement', async () => {
    const payment = lab.payment(userId, 1);
    await lab.pay(payment);
    expect(await lab.events('billing.subscription.purchased', userId)).toMatchObject([
      {
        paymentId: payment.id,
        productName: 'Cinema',
        termMonths: 1,
        paidMinor: '899',
        endsAt: '2026-02-28T09:00:00.000Z',
      },
    ]);
    expect(await lab.events('billing.entitlement.changed', userId)).toEqual([
      { userId, product: 'cinema', activeUntil: '2026-02-28T09:00:00.000Z', version: 1 },
    ]);
  });

  it('buys one period however often it is told, also at the same time', async () => {
    const payment = lab.payment(userId);
    const results = await Promise.all(Array.from({ length: 20 }, () => lab.untilDone(() => lab.pay(payment))));
    expect(new Set(results.map((result) => result.transactionId)).size).toBe(1);
    expect(await periods()).toHaveLength(1);
    expect(await lab.events('billing.subscription.purchased', userId)).toHaveLength(1);
  });

  it('stacks after the running period, counted from the anchor: 31 January, 28 February, 31 March', async () => {
    await lab.pay(lab.payment(userId, 1));
    lab.clock.set('2026-02-10T00:00:00.000Z');
    await lab.pay(lab.payment(userId, 1));
    expect((await periods()).map((period) => period.ends_at.toISOString())).toEqual([
      '2026-02-28T09:00:00.000Z',
      '2026-03-31T09:00:00.000Z',
    ]);
  });

  it('starts now when the last period is over', async () => {
    await lab.pay(lab.payment(userId, 1));
    lab.clock.set('2026-06-15T00:00:00.000Z');
    await lab.pay(lab.payment(userId, 6));
    expect((await periods())[1]).toEqual({
      starts_at: new Date('2026-06-15T00:00:00.000Z'),
      ends_at: new Date('2026-12-15T00:00:00.000Z'),
    });
  });

  it('turns 50 parallel purchases of one user into 50 adjacent periods without a gap', async () => {
    // Of three wallets, so that it is not one of them that lets one in after the other.
    const payments = Array.from({ length: 50 }, (_, i) => lab.payment(userId, 1, ['EUR', 'USD', 'CNY'][i % 3]));
    await Promise.all(payments.map((payment) => lab.untilDone(() => lab.pay(payment))));
    const all = await periods();
    expect(all).toHaveLength(50);
    expect(await lab.rows('SELECT 1 FROM ledger_transactions WHERE user_id = $1', [userId])).toHaveLength(50);
    for (const [index, period] of all.entries()) {
      if (index > 0) expect(period.starts_at).toEqual(all[index - 1]!.ends_at);
    }
    expect(all.at(-1)!.ends_at.toISOString()).toBe('2030-03-31T09:00:00.000Z');
    expect((await lab.entitlements.of(userId)).items).toMatchObject([{ activeUntil: all.at(-1)!.ends_at }]);
    const versions = await lab.events<{ version: number }>('billing.entitlement.changed', userId);
    const each = Array.from({ length: 50 }, (_, index) => index + 1);
    expect(versions.map((event) => event.version)).toEqual(each);
    const purchases = await lab.rows<{ version: number }>(
      `SELECT (envelope->>'aggregateVersion')::int AS version FROM outbox
        WHERE envelope->>'name' = 'billing.subscription.purchased' AND envelope->'payload'->>'userId' = $1 ORDER BY id`,
      [userId],
    );
    expect(purchases.map(({ version }) => version)).toEqual(each);
  });

  it('cannot overlap in the database, whatever the code does', async () => {
    await lab.pay(lab.payment(userId, 3));
    const copy = `INSERT INTO subscription_periods
      SELECT (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'payment_id', gen_random_uuid(),
                                                          'transaction_id', gen_random_uuid()))).*
        FROM subscription_periods p WHERE user_id = $1`;
    await expect(lab.sql.query(copy, [userId])).rejects.toThrow(/ex_subscription_periods_overlap/);
  });

  it('keeps the terms it was sold at when the plan has changed since', async () => {
    const payment = lab.payment(userId, 1);
    await lab.sql.query(
      `UPDATE plan_prices SET amount_minor = amount_minor + 500 WHERE plan_id = $1 AND currency = 'EUR'`,
      [payment.snapshot['planId']],
    );
    await lab.pay(payment);
    expect((await lab.subscriptions.ofUser(userId))[0]!.periods[0]!.paidMinor).toBe(899n);
  });

  it('leaves neither money nor time behind when the transaction fails at its end', async () => {
    const payment = lab.payment(userId);
    const failing = lab.unitOfWork.run(async () => {
      await lab.pay(payment);
      throw new Error('the power is gone');
    });
    await expect(failing).rejects.toThrow('the power is gone');
    expect(await periods()).toEqual([]);
    expect(await lab.rows('SELECT 1 FROM ledger_transactions WHERE user_id = $1', [userId])).toEqual([]);
    expect(await lab.entitlements.of(userId)).toEqual({ version: 0, items: [], nextChangeAt: null, withheld: null });
  });
});
