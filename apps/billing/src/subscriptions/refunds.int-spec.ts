import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { demoPlan } from '../../test/subscriptions/offers.js';
import { SubscriptionsLab } from '../../test/subscriptions/subscriptions-lab.js';
import { AccountsService } from '../accounts/accounts.service.js';
import type { Payment } from '../payments/payment.js';
import { BuyFromBalanceService } from './buy-from-balance.service.js';
import { EarnRevenueService } from './earn-revenue.service.js';
import { ReverseSubscriptionService } from './reverse-subscription.service.js';
import { SubscriptionReportsRepository } from './subscription-reports.repository.js';

describe('a subscription whose money goes back', () => {
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

  const overview = async () => (await lab.subscriptions.ofUser(userId))[0]!;
  const bought = async (months: 1 | 3 | 6): Promise<Payment> => {
    const payment = lab.payment(userId, months);
    await lab.pay(payment);
    return payment;
  };
  const takeBack = (
    payment: Payment,
    amountMinor: bigint,
    kind: 'refund' | 'dispute' = 'refund',
    key: string = randomUUID(),
  ) =>
    lab.unitOfWork.run(() =>
      lab.get(ReverseSubscriptionService).takeBack(payment, {
        kind,
        key: `${kind}:${key}`,
        amountMinor,
        takenBeforeMinor: 0n,
        clawedBeforeMinor: 0n,
        actor: 'system',
        reason: 'asked for',
        postsHolds: [],
      }),
    );
  const giveBack = (payment: Payment, takenTransactionId: string) =>
    lab.unitOfWork.run(() =>
      lab.get(ReverseSubscriptionService).giveBack(payment, {
        kind: 'refund',
        key: `refund:${takenTransactionId}:returned`,
        takenTransactionId,
        reason: 'the bank refused',
      }),
    );
  const earnAt = async (at: string) => {
    lab.clock.set(at);
    await lab.get(EarnRevenueService).earnAllDue();
  };
  /** Sum of a system account over this user's transactions. */
  const system = async (account: string): Promise<bigint> => {
    const [row] = await lab.rows<{ sum: string }>(
      `SELECT coalesce(sum(CASE WHEN credit_system = $2 THEN amount ELSE -amount END), 0) AS sum
         FROM ledger_transfers WHERE user_id = $1 AND $2 IN (debit_system, credit_system)`,
      [userId, account],
    );
    return BigInt(row!.sum);
  };

  it('is over at once when all of it goes back', async () => {
    const payment = await bought(1);
    lab.clock.set('2026-02-10T00:00:00Z');
    await takeBack(payment, 8_99n);
    expect(await overview()).toMatchObject({
      status: 'ended',
      paidUntil: null,
      periods: [{ status: 'revoked', months: 0 }],
    });
    expect((await lab.entitlements.of(userId)).items).toEqual([]);
    expect(await lab.events('billing.subscription.refunded', userId)).toMatchObject([
      { refundedMinor: '899', refundedCurrency: 'EUR', paidUntil: null },
    ]);
    expect([await system('deferred_revenue'), await system('psp_clearing')]).toEqual([0n, 0n]);
  });

  it('keeps the months the rest pays for', async () => {
    const payment = await bought(3);
    lab.clock.set('2026-02-10T00:00:00Z');
    await takeBack(payment, 16_00n);
    expect(await overview()).toMatchObject({ status: 'active', paidUntil: new Date('2026-02-28T09:00:00Z') });
    expect(await system('deferred_revenue')).toBe(7_99n);
  });

  it('moves later periods up, and the freed time is theirs', async () => {
    const first = await bought(3);
    await bought(1);
    lab.clock.set('2026-02-10T00:00:00Z');
    await takeBack(first, 23_99n);
    const { periods, paidUntil } = await overview();
    expect(paidUntil).toEqual(new Date('2026-03-10T00:00:00Z'));
    expect(periods.filter((period) => period.status === 'active')).toMatchObject([
      { startsAt: new Date('2026-02-10T00:00:00Z') },
    ]);
  });

  it('does not shorten access for a small goodwill refund', async () => {
    const payment = await bought(3);
    await takeBack(payment, 1_00n);
    expect((await overview()).paidUntil).toEqual(new Date('2026-04-30T09:00:00Z'));
  });

  it('takes what is earned already from revenue', async () => {
    const payment = await bought(1);
    await earnAt('2026-02-14T09:00:00Z');
    expect(await system('revenue')).toBe(4_49n);
    await takeBack(payment, 8_99n, 'dispute');
    expect([await system('revenue'), await system('deferred_revenue'), await system('psp_clearing')]).toEqual([
      0n,
      0n,
      0n,
    ]);
    await earnAt('2026-04-01T00:00:00Z');
    expect(await system('revenue')).toBe(0n);
  });

  it('takes from revenue only what no refund before has left unearned', async () => {
    const payment = await bought(1);
    await earnAt('2026-02-14T09:00:00Z');
    for (const [amountMinor, deferred, revenue] of [
      [3_00n, 1_50n, 4_49n],
      [5_99n, 0n, 0n],
    ] as const) {
      await takeBack(payment, amountMinor);
      expect([await system('deferred_revenue'), await system('revenue')]).toEqual([deferred, revenue]);
    }
  });

  it('has its months again when the refund fails later, after what was bought since', async () => {
    const payment = await bought(3);
    lab.clock.set('2026-02-10T00:00:00Z');
    const { transactionId } = await takeBack(payment, 23_99n);
    await bought(1);
    lab.clock.set('2026-02-12T00:00:00Z');
    await giveBack(payment, transactionId);
    expect((await overview()).paidUntil).toEqual(new Date('2026-06-10T00:00:00Z'));
    expect(await system('deferred_revenue')).toBe(23_99n + 8_99n);
    await earnAt('2026-07-01T00:00:00Z');
    expect([await system('deferred_revenue'), await system('revenue')]).toEqual([0n, 23_99n + 8_99n]);
  });

  it('has its months again also when the wallet the money passed through was closed meanwhile', async () => {
    const payment = await bought(3);
    const { transactionId } = await takeBack(payment, 23_99n);
    const accounts = lab.get(AccountsService);
    for (const { id } of await accounts.list(userId)) await accounts.close(userId, id);
    await giveBack(payment, transactionId);
    expect((await overview()).paidUntil).toEqual(new Date('2026-04-30T09:00:00Z'));
    expect(await accounts.list(userId)).toMatchObject([{ currency: 'EUR', status: 'open' }]);
  });

  it('gets the later months back in place when part of a refund fails while it runs', async () => {
    const payment = await bought(3);
    await bought(1);
    const { transactionId } = await takeBack(payment, 16_00n);
    expect((await overview()).paidUntil).toEqual(new Date('2026-03-31T09:00:00Z'));
    await giveBack(payment, transactionId);
    expect((await overview()).paidUntil).toEqual(new Date('2026-05-31T09:00:00Z'));
  });

  it('is not charged again by a renewal that was agreed to before', async () => {
    await lab.give(userId, 'PNT', 5_000_00n);
    const payment = await bought(3);
    await lab.sql.query(
      `UPDATE subscriptions SET renewal_offer = $2, renewal_consented_at = now(), renewal_try_at = now() WHERE user_id = $1`,
      [userId, JSON.stringify(payment.snapshot)],
    );
    lab.clock.set('2026-02-10T00:00:00Z');
    await takeBack(payment, 16_00n);
    expect(await overview()).toMatchObject({ status: 'active', renewal: null });
    expect(await lab.rows('SELECT given, actor FROM subscription_consents WHERE user_id = $1', [userId])).toEqual([
      { given: false, actor: 'system' },
    ]);
  });

  it('is shortened once by a refund that is told twice', async () => {
    const payment = await bought(3);
    const [first, again] = [
      await takeBack(payment, 8_00n, 'refund', 'k'),
      await takeBack(payment, 8_00n, 'refund', 'k'),
    ];
    expect(again.transactionId).toBe(first.transactionId);
    expect((await overview()).periods).toMatchObject([{ months: 2, refundedMinor: 8_00n }]);
    expect(await lab.events('billing.subscription.refunded', userId)).toHaveLength(1);
  });

  it('gets its months back once from a failure that is told twice', async () => {
    const payment = await bought(3);
    const { transactionId } = await takeBack(payment, 8_00n);
    const [first, again] = [await giveBack(payment, transactionId), await giveBack(payment, transactionId)];
    expect(again).toEqual(first);
    expect((await overview()).periods).toMatchObject([{ months: 3, refundedMinor: 0n }]);
    expect([await system('deferred_revenue'), await system('psp_clearing')]).toEqual([23_99n, -23_99n]);
  });

  it('arrives and goes back although the wallet it passes through is frozen', async () => {
    await lab.give(userId, 'EUR', 1n);
    await lab.sql.query(`UPDATE account_balances SET status = 'frozen' WHERE user_id = $1`, [userId]);
    const payment = await bought(1);
    expect((await overview()).status).toBe('active');
    const { transactionId } = await takeBack(payment, 8_99n);
    expect((await overview()).status).toBe('ended');
    expect(await lab.balance(userId, 'EUR')).toBe(1n);
    await giveBack(payment, transactionId);
    expect((await overview()).status).toBe('active');
    expect(await lab.balance(userId, 'EUR')).toBe(1n);
  });

  it('loses nothing of a refund while days are earned', async () => {
    for (let round = 0; round < 15; round += 1) {
      userId = randomUUID();
      lab.clock.set('2026-01-31T09:00:00.000Z');
      const payment = await bought(3);
      lab.clock.set('2026-02-10T00:00:00Z');
      await Promise.all([takeBack(payment, 16_00n), lab.get(EarnRevenueService).earnAllDue()]);
      await lab.get(EarnRevenueService).earnAllDue();
      const [period] = (await overview()).periods;
      expect(period).toMatchObject({ months: 1, refundedMinor: 16_00n });
      expect(await system('revenue')).toBe(period!.earnedMinor);
      expect(await system('deferred_revenue')).toBe(7_99n - period!.earnedMinor);
    }
  });

  it('earns each day on that day, also those a stopped service has missed', async () => {
    await lab.give(userId, 'CNY', 69_00n);
    const order = { userId, planId: demoPlan(1).id, currency: 'CNY', idempotencyKey: randomUUID() };
    await lab.get(BuyFromBalanceService).buy(order);
    const perDay = (): Promise<[string, bigint][]> =>
      lab.unitOfWork.run(async () => {
        // Where it is still the day before.
        await lab.unitOfWork.manager.query(`SET LOCAL TimeZone = 'Pacific/Pago_Pago'`);
        const days = await new SubscriptionReportsRepository(lab.unitOfWork).revenue(
          new Date('2026-01-31T00:00:00Z'),
          new Date('2026-04-01T00:00:00Z'),
        );
        return days.filter(({ currency }) => currency === 'CNY').map(({ day, earnedMinor }) => [day, earnedMinor]);
      });
    await earnAt('2026-02-01T09:00:00Z');
    expect(await perDay()).toEqual([['2026-02-01', 2_46n]]);
    await earnAt('2026-02-04T20:00:00Z');
    expect(await perDay()).toEqual([
      ['2026-02-01', 2_46n],
      ['2026-02-02', 2_46n],
      ['2026-02-03', 2_47n],
      ['2026-02-04', 2_46n],
    ]);
    await earnAt('2026-03-20T00:00:00Z');
    const all = await perDay();
    expect([all.length, all.at(-1)![0]]).toEqual([28, '2026-02-28']);
    expect(all.reduce((sum, [, earned]) => sum + earned, 0n)).toBe(69_00n);
  });

  it('earns no day twice, also when its period has forgotten that it did', async () => {
    await bought(1);
    await earnAt('2026-02-01T09:00:00Z');
    const earned = await system('revenue');
    expect(earned).toBe(32n);
    await lab.sql.query(
      'UPDATE subscription_periods SET earned_minor = 0, earn_at = lower(period) WHERE user_id = $1',
      [userId],
    );
    await earnAt('2026-02-01T09:00:00Z');
    expect(await system('revenue')).toBe(earned);
    expect((await overview()).periods).toMatchObject([{ earnedMinor: earned }]);
  });

  it('earns the same sum again after a refund took of it and another failed', async () => {
    const payment = await bought(1);
    await earnAt('2026-02-14T09:00:00Z');
    const { transactionId } = await takeBack(payment, 1_00n);
    // What is left in the end is exactly what was earned before; for now the second refund has taken a part of it.
    await takeBack(payment, 4_50n);
    await giveBack(payment, transactionId);
    expect([await system('revenue'), await system('deferred_revenue')]).toEqual([3_49n, 1_00n]);
    await earnAt('2026-04-01T00:00:00Z');
    expect([await system('revenue'), await system('deferred_revenue')]).toEqual([4_49n, 0n]);
    expect((await overview()).periods).toMatchObject([{ earnedMinor: 4_49n, refundedMinor: 4_50n }]);
  });

  it('earns its price day by day, and all of it by the end', async () => {
    await lab.give(userId, 'PNT', 500_00n);
    await lab.get(BuyFromBalanceService).buy({
      userId,
      planId: demoPlan(1).id,
      currency: 'PNT',
      idempotencyKey: randomUUID(),
    });
    await earnAt('2026-02-07T09:00:00Z');
    expect([await system('revenue'), await system('deferred_revenue')]).toEqual([125_00n, 375_00n]);
    await Promise.all([earnAt('2026-02-07T12:00:00Z'), earnAt('2026-02-07T12:00:00Z')]);
    expect(await system('revenue')).toBe(125_00n);
    await earnAt('2026-05-01T00:00:00Z');
    expect([await system('revenue'), await system('deferred_revenue')]).toEqual([500_00n, 0n]);
  });
});
