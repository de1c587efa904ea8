import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SubscriptionsLab } from '../../test/subscriptions/subscriptions-lab.js';
import { AdministerPlansService } from '../plans/administer-plans.service.js';
import type { Plan, PlanPrice } from '../plans/plan.js';
import { PlansService } from '../plans/plans.service.js';
import { BuyFromBalanceService } from './buy-from-balance.service.js';
import { SwitchRenewalService } from './switch-renewal.service.js';
import { TakeStepsService } from './take-steps.service.js';

const ROUNDS = 10;
const AT_ONCE = 12;
const CURRENCIES = ['CNY', 'EUR', 'PNT', 'RUB', 'USD'];
const FROM = new Date('2026-01-01T00:00:00Z');
const UNTIL = new Date('2026-02-01T00:00:00Z');
const admin = randomUUID();

let lab: SubscriptionsLab;
let plan: Plan;

beforeAll(async () => {
  lab = await SubscriptionsLab.open();
});
afterAll(() => lab.close());

const sell = async (activeUntil: Date | null, key: string = randomUUID()): Promise<Plan> =>
  lab.get(AdministerPlansService).create(
    admin,
    {
      product: 'cinema',
      productName: 'Cinema',
      name: 'Standard',
      termMonths: 1,
      features: {},
      prices: [{ currency: 'PNT', amountMinor: 10_00n }],
      graceDays: 3,
      refundPolicy: 'none',
      activeFrom: FROM,
      activeUntil,
    },
    key,
  );
const order = (userId: string, shownAmount?: string) => ({
  userId,
  planId: plan.id,
  currency: 'PNT',
  idempotencyKey: randomUUID(),
  shownAmount,
});
const buy = (what: ReturnType<typeof order>) => lab.untilDone(() => lab.get(BuyFromBalanceService).buy(what));

describe('a plan that is repriced', () => {
  beforeEach(async () => {
    plan = await sell(null);
  });

  const reprice = (pricesVersion: number, prices: PlanPrice[]): Promise<Plan> =>
    lab.get(AdministerPlansService).reprice(admin, plan.id, { prices, pricesVersion, reason: 'a test' });
  const inPoints = (amountMinor: bigint): PlanPrice[] => [{ currency: 'PNT', amountMinor }];
  const present = async (): Promise<Plan> =>
    (await lab.get(AdministerPlansService).list()).find(({ id }) => id === plan.id)!;
  it('by many at once takes the prices of one of them, and the others are told', async () => {
    for (let round = 1; round <= ROUNDS; round += 1) {
      // Some lists share a currency, some share none.
      const lists = Array.from({ length: AT_ONCE }, (_, i) =>
        CURRENCIES.filter((_currency, j) => (i + j) % 3 === 0).map((currency) => ({
          currency,
          amountMinor: BigInt(100 * round + i),
        })),
      );
      const results = await Promise.allSettled(lists.map((prices) => reprice(round, prices)));
      const [winner, ...more] = results.flatMap(({ status }, i) => (status === 'fulfilled' ? [lists[i]!] : []));
      expect(more).toEqual([]);
      expect(await present()).toMatchObject({ prices: winner, pricesVersion: round + 1 });
      for (const result of results) {
        if (result.status === 'rejected')
          expect(result.reason).toMatchObject({ code: 'plan.repriced', kind: 'conflict' });
      }
    }
    const audited = await lab.rows<{ details: { before: string[]; after: string[] } }>(
      `SELECT details FROM audit_log WHERE action = 'plan.repriced' AND subject_id = $1 ORDER BY id`,
      [plan.id],
    );
    expect(audited).toHaveLength(ROUNDS);
    for (const [i, { details }] of audited.entries()) {
      if (i > 0) expect(details.before).toEqual(audited[i - 1]!.details.after);
    }
  });

  it('sells every purchase under way at one price, the one that was shown, and takes exactly that', async () => {
    const users = Array.from({ length: 10 }, () => randomUUID());
    await Promise.all(users.map((userId) => lab.give(userId, 'PNT', 1_000_00n)));
    const shown = users.flatMap((userId) => ['10.00', '20.00', undefined].map((amount) => order(userId, amount)));
    let selling = true;
    const repricing = (async () => {
      let version = 1;
      while (selling) ({ pricesVersion: version } = await reprice(version, inPoints(version % 2 ? 20_00n : 10_00n)));
      return version;
    })();
    const results = await Promise.allSettled(shown.map((one) => buy(one)));
    selling = false;
    expect(await repricing).toBeGreaterThan(1);
    let sold = 0n;
    for (const [i, result] of results.entries()) {
      if (result.status === 'rejected') {
        expect(shown[i]!.shownAmount).toBeDefined();
        expect(result.reason).toMatchObject({ code: 'plan.price_changed', kind: 'conflict' });
        continue;
      }
      const { paidMinor, offer } = result.value;
      expect(String(paidMinor)).toBe(offer.amountMinor);
      expect([10_00n, 20_00n]).toContain(paidMinor);
      if (shown[i]!.shownAmount) expect(paidMinor).toBe(BigInt(shown[i]!.shownAmount!.replace('.', '')));
      sold += paidMinor;
    }
    const balances = await Promise.all(users.map((userId) => lab.balance(userId, 'PNT')));
    expect(10n * 1_000_00n - balances.reduce((sum, balance) => sum + balance, 0n)).toBe(sold);
  });

  it('leaves an order that is sent again what it was: the same purchase at the same price', async () => {
    const userId = randomUUID();
    await lab.give(userId, 'PNT', 1_000_00n);
    const once = order(userId, '10.00');
    const first = await buy(once);
    await reprice(1, inPoints(20_00n));
    const [again, twins] = [await buy(once), order(userId)];
    expect(again.id).toBe(first.id);
    const [, ...bought] = await Promise.all([
      reprice(2, inPoints(30_00n)),
      ...Array.from({ length: 8 }, () => buy(twins)),
    ]);
    expect(new Set(bought.map(({ id }) => id)).size).toBe(1);
    expect(await lab.balance(userId, 'PNT')).toBe(1_000_00n - 10_00n - bought[0]!.paidMinor);
  });

  it('is not sold at a price that is not the present one, and tells it; nor is a renewal agreed to', async () => {
    const userId = randomUUID();
    await lab.give(userId, 'PNT', 1_000_00n);
    const { subscriptionId } = await buy(order(userId, '10.00'));
    await reprice(1, inPoints(20_00n));
    const changed = {
      code: 'plan.price_changed',
      meta: { planId: plan.id, price: { amount: '20.00', currency: 'PNT' } },
    };
    await expect(buy(order(userId, '10.00'))).rejects.toMatchObject(changed);
    const renewal = lab.get(SwitchRenewalService).on(userId, subscriptionId, order(userId, '10.00'));
    await expect(renewal).rejects.toMatchObject(changed);
    expect(await lab.balance(userId, 'PNT')).toBe(990_00n);
    expect(await lab.rows('SELECT 1 FROM subscription_consents WHERE user_id = $1', [userId])).toEqual([]);
  });

  it('is given away as one whole offer while its currencies change', async () => {
    let giving = true;
    const repricing = (async () => {
      for (let version = 1; giving; version += 1) {
        await reprice(version, [{ currency: version % 2 ? 'EUR' : 'PNT', amountMinor: 10_00n }]);
      }
    })();
    const gifts = await Promise.allSettled(Array.from({ length: 200 }, () => lab.get(PlansService).gift(plan.id)));
    giving = false;
    await repricing;
    expect(gifts.filter(({ status }) => status === 'rejected')).toEqual([]);
  });
});

describe('a plan with a time of sale', () => {
  let userId: string;

  beforeEach(async () => {
    plan = await sell(UNTIL);
    userId = randomUUID();
    await lab.give(userId, 'PNT', 1_000_00n);
  });

  const soldAt = async (at: Date, what: () => Promise<unknown>): Promise<boolean> => {
    lab.clock.set(at);
    try {
      await what();
      return true;
    } catch (error) {
      expect(error).toMatchObject({
        code: 'plan.not_on_sale',
        kind: 'invalid',
        meta: { planId: plan.id, activeFrom: FROM.toISOString() },
      });
      return false;
    }
  };

  it.each([
    ['bought', () => buy(order(userId))],
    ['given away', () => lab.get(PlansService).gift(plan.id)],
  ])('is %s from its first moment to the one before its last', async (_what, act) => {
    expect(await soldAt(new Date(+FROM - 1), act)).toBe(false);
    expect(await soldAt(FROM, act)).toBe(true);
    expect(await soldAt(new Date(+UNTIL - 1), act)).toBe(true);
    expect(await soldAt(UNTIL, act)).toBe(false);
  });

  it('changes nothing when it is refused, and says when it is sold', async () => {
    for (const [at, message] of [
      [new Date(+FROM - 1), 'This plan is sold from 2026-01-01T00:00:00.000Z on.'],
      [UNTIL, 'This plan has not been sold since 2026-02-01T00:00:00.000Z.'],
    ] as const) {
      lab.clock.set(at);
      await expect(buy(order(userId))).rejects.toThrow(message);
    }
    expect(await lab.balance(userId, 'PNT')).toBe(1_000_00n);
    for (const table of ['subscriptions', 'subscription_periods', 'entitlement_states']) {
      expect(await lab.rows(`SELECT 1 FROM ${table} WHERE user_id = $1`, [userId])).toEqual([]);
    }
  });

  it('is sold no more from the moment it is archived, also one whose sale had not begun', async () => {
    for (const at of [FROM, new Date(+FROM - 1)]) {
      plan = await sell(at < FROM ? null : UNTIL);
      lab.clock.set(at);
      await lab.get(AdministerPlansService).archive(admin, plan.id, 'replaced');
      for (const later of [at, new Date(+at + 1), FROM, UNTIL]) {
        lab.clock.set(later);
        await expect(buy(order(userId))).rejects.toMatchObject({ code: 'plan.not_on_sale', kind: 'invalid' });
      }
    }
  });

  it('is renewed while it is sold; later the renewal fails and the paid time stays', async () => {
    lab.clock.set(new Date(+UNTIL - 1));
    const { subscriptionId, endsAt } = await buy(order(userId));
    await lab.get(SwitchRenewalService).on(userId, subscriptionId, order(userId));
    expect(await soldAt(UNTIL, () => lab.get(SwitchRenewalService).on(userId, subscriptionId, order(userId)))).toBe(
      false,
    );
    lab.clock.set(new Date(+endsAt - 1));
    await lab.get(TakeStepsService).takeAll();
    expect(await lab.subscriptions.get(userId, subscriptionId)).toMatchObject({
      status: 'active',
      paidUntil: endsAt,
      graceUntil: null,
      renewal: { failure: 'plan_ended', tryAt: null },
    });
    expect(await lab.events('billing.subscription.renewal_failed', userId)).toMatchObject([{ reason: 'plan_ended' }]);
    expect(await lab.balance(userId, 'PNT')).toBe(990_00n);
  });

  it('is made once, however many at once carry the order out, and stays what has become of it', async () => {
    const key = randomUUID();
    const made = await Promise.all(Array.from({ length: 8 }, () => sell(null, key)));
    const [{ id }] = made as [Plan];
    expect(new Set(made.map((one) => one.id)).size).toBe(1);
    lab.clock.set(FROM);
    await lab.get(AdministerPlansService).archive(admin, id, 'a mistake');
    expect(await sell(null, key)).toMatchObject({ id, activeUntil: FROM });
    const audited = await lab.rows(`SELECT 1 FROM audit_log WHERE action = 'plan.created' AND subject_id = $1`, [id]);
    expect(audited).toHaveLength(1);
    expect((await sell(null)).id).not.toBe(id);
  });

  it('ends after it begins, in the database too', async () => {
    await expect(sell(FROM)).rejects.toMatchObject({ code: 'request.invalid' });
    await expect(
      lab.sql.query(`UPDATE plans SET active_until = active_from - interval '1 ms' WHERE id = $1`, [plan.id]),
    ).rejects.toThrow(/ck_plans_time_of_sale/);
  });
});
