import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SubscriptionsLab } from '../../test/subscriptions/subscriptions-lab.js';
import { AdministerPlansService } from '../plans/administer-plans.service.js';
import type { Plan, PlanPrice } from '../plans/plan.js';
import { PlansService } from '../plans/plans.service.js';
import { BuyFromBalanceService } from './buy-from-balance.service.js';
import { SwitchRenewalService } from './switch-renewal.service.js';

const ROUNDS = 10;
const AT_ONCE = 12;
const CURRENCIES = ['CNY', 'EUR', 'PNT', 'RUB', 'USD'];
const admin = randomUUID();

describe('a plan that is repriced', () => {
  let lab: SubscriptionsLab;
  let plan: Plan;

  beforeAll(async () => {
    lab = await SubscriptionsLab.open();
  });
  afterAll(() => lab.close());
  beforeEach(async () => {
    plan = await lab.get(AdministerPlansService).create(admin, {
      product: 'cinema',
      productName: 'Cinema',
      name: 'Repriced',
      termMonths: 1,
      features: {},
      prices: [{ currency: 'PNT', amountMinor: 10_00n }],
      graceDays: 3,
      refundPolicy: 'none',
      activeFrom: new Date('2026-01-01T00:00:00Z'),
      activeUntil: null,
    });
  });

  const reprice = (pricesVersion: number, prices: PlanPrice[]): Promise<Plan> =>
    lab.get(AdministerPlansService).reprice(admin, plan.id, { prices, pricesVersion, reason: 'a test' });
  const inPoints = (amountMinor: bigint): PlanPrice[] => [{ currency: 'PNT', amountMinor }];
  const present = async (): Promise<Plan> =>
    (await lab.get(AdministerPlansService).list()).find(({ id }) => id === plan.id)!;
  const order = (userId: string, shownAmount?: string) => ({
    userId,
    planId: plan.id,
    currency: 'PNT',
    idempotencyKey: randomUUID(),
    shownAmount,
  });
  const buy = (what: ReturnType<typeof order>) => lab.untilDone(() => lab.get(BuyFromBalanceService).buy(what));

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
