import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { demoPlan, offerOf } from '../../test/subscriptions/offers.js';
import { SubscriptionsLab } from '../../test/subscriptions/subscriptions-lab.js';
import { AccountsService } from '../accounts/accounts.service.js';
import { LedgerService } from '../ledger/ledger.service.js';
import { AdministerPlansService } from '../plans/administer-plans.service.js';
import { UsersService } from '../users/users.service.js';
import { AddPeriodService } from './add-period.service.js';
import { BuyFromBalanceService } from './buy-from-balance.service.js';
import { ChangePeriodService } from './change-period.service.js';
import { type Holder, HoldersRepository, type HolderSearch } from './holders.repository.js';
import { RenewSubscriptionService } from './renew-subscription.service.js';
import { StepService } from './step.service.js';
import { SubscriptionsRepository } from './subscriptions.repository.js';
import { SwitchRenewalService } from './switch-renewal.service.js';
import { TakeStepsService } from './take-steps.service.js';

describe('subscriptions paid from the balance', () => {
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

  const order = (months = 1, idempotencyKey: string = randomUUID()) => ({
    userId,
    planId: demoPlan(months).id,
    currency: 'PNT',
    idempotencyKey,
  });
  const buy = (months = 1, key?: string) => lab.get(BuyFromBalanceService).buy(order(months, key));
  const overview = async () => (await lab.subscriptions.ofUser(userId))[0]!;
  const renewOn = async () =>
    lab.get(SwitchRenewalService).on(userId, (await overview()).id, { planId: demoPlan(1).id, currency: 'PNT' });
  const stepsAt = async (at: string) => {
    lab.clock.set(at);
    await lab.get(TakeStepsService).takeAll();
  };
  const consents = () =>
    lab.rows('SELECT given, actor FROM subscription_consents WHERE user_id = $1 ORDER BY id', [userId]);
  const told = async () =>
    (
      await lab.rows<{ name: string }>(
        `SELECT envelope->>'name' AS name FROM outbox WHERE envelope->'payload'->>'userId' = $1
            AND envelope->>'name' LIKE 'billing.subscription.%' ORDER BY id`,
        [userId],
      )
    ).map((row) => row.name.replace('billing.subscription.', ''));

  it('takes the price and gives the period at once', async () => {
    await lab.give(userId, 'PNT', 600_00n);
    const period = await buy();
    expect(period).toMatchObject({ source: 'balance', paidMinor: 500_00n, paymentId: null });
    expect(await lab.balance(userId, 'PNT')).toBe(100_00n);
    expect((await lab.entitlements.of(userId)).items).toMatchObject([
      { activeUntil: new Date('2026-02-28T09:00:00Z') },
    ]);
  });

  it.each(['RUB', 'USD', 'CNY', 'EUR', 'PNT'])('takes the price in %s, to the last unit', async (currency) => {
    const price = BigInt(offerOf(3, currency).amountMinor);
    await lab.give(userId, currency, price - 1n);
    const once = { ...order(3), currency };
    await expect(lab.get(BuyFromBalanceService).buy(once)).rejects.toMatchObject({
      code: 'account.insufficient_funds',
    });
    await lab.give(userId, currency, 1n);
    expect(await lab.get(BuyFromBalanceService).buy(once)).toMatchObject({ paidMinor: price, paidCurrency: currency });
    expect(await lab.balance(userId, currency)).toBe(0n);
    const booked = await lab.rows<{ amount: string }>(
      `SELECT amount FROM ledger_transfers WHERE user_id = $1 AND credit_system = 'deferred_revenue' AND currency = $2`,
      [userId, currency],
    );
    expect(booked.map(({ amount }) => BigInt(amount))).toEqual([price]);
    expect((await lab.entitlements.of(userId)).items).toHaveLength(1);
  });

  it('sells once to a double click, and says the same again', async () => {
    await lab.give(userId, 'PNT', 5_000_00n);
    const key = randomUUID();
    const periods = await Promise.all(Array.from({ length: 10 }, () => lab.untilDone(() => buy(1, key))));
    expect(new Set(periods.map((period) => period.id)).size).toBe(1);
    expect(await lab.balance(userId, 'PNT')).toBe(4_500_00n);
  });

  it('turns 50 purchases at once into 50 adjacent periods, each paid once', async () => {
    await lab.give(userId, 'PNT', 50n * 500_00n);
    const bought = await Promise.all(Array.from({ length: 50 }, () => lab.untilDone(() => buy())));
    const { periods } = await overview();
    expect(periods).toHaveLength(50);
    for (const [i, { startsAt }] of periods.entries()) if (i > 0) expect(startsAt).toEqual(periods[i - 1]!.endsAt);
    expect(new Set(bought.map(({ transactionId }) => transactionId)).size).toBe(50);
    expect(await lab.balance(userId, 'PNT')).toBe(0n);
    // 31 January and 50 months: no day is lost on the way.
    expect(periods.at(-1)!.endsAt.toISOString()).toBe('2030-03-31T09:00:00.000Z');
    await expect(buy()).rejects.toMatchObject({ code: 'account.insufficient_funds' });
  });

  it('sells one of two parallel orders when there is money for one', async () => {
    await lab.give(userId, 'PNT', 700_00n);
    const results = await Promise.allSettled([buy(), buy()]);
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.map((result) => (result.reason as { code: string }).code)).toEqual(['account.insufficient_funds']);
    expect(await lab.balance(userId, 'PNT')).toBe(200_00n);
    expect((await overview()).periods).toHaveLength(1);
  });

  it('leaves no trace of an order without money', async () => {
    await expect(buy()).rejects.toMatchObject({ kind: 'payment_required' });
    expect(await lab.subscriptions.ofUser(userId)).toEqual([]);
  });

  it('reminds 7, 3 and 1 days before the end and tells the end, each once', async () => {
    await lab.pay(lab.payment(userId));
    for (const at of [
      '02-20',
      '02-21T09:00',
      '02-22',
      '02-25T09:00',
      '02-27T09:00',
      '02-28T08:59',
      '02-28T09:00',
      '03-09',
    ]) {
      await stepsAt(`2026-${at.length > 5 ? `${at}:00Z` : `${at}T00:00:00Z`}`);
    }
    expect(await told()).toEqual(['purchased', 'ending', 'ending', 'ending', 'ended']);
    const endings = await lab.events<{ daysLeft: number }>('billing.subscription.ending', userId);
    expect(endings.map((event) => event.daysLeft)).toEqual([7, 3, 1]);
    expect((await lab.entitlements.of(userId)).items).toEqual([]);
  });

  it('stops reminding when more is bought', async () => {
    await lab.pay(lab.payment(userId));
    await stepsAt('2026-02-21T09:00:00Z');
    await lab.pay(lab.payment(userId));
    await stepsAt('2026-02-27T12:00:00Z');
    await stepsAt('2026-02-28T12:00:00Z');
    expect(await told()).toEqual(['purchased', 'ending', 'purchased']);
  });

  it('renews a day before the end, month after month, told in advance', async () => {
    await lab.give(userId, 'PNT', 2_000_00n);
    await buy();
    await renewOn();
    await stepsAt('2026-02-21T09:00:00Z');
    await stepsAt('2026-02-27T09:00:00Z');
    await stepsAt('2026-03-24T10:00:00Z');
    await stepsAt('2026-03-30T09:00:00Z');
    expect(await told()).toEqual(['purchased', 'ending', 'renewed', 'ending', 'renewed']);
    expect((await lab.events<object>('billing.subscription.ending', userId))[0]).toMatchObject({
      renewalMinor: '50000',
      renewalCurrency: 'PNT',
    });
    expect((await overview()).periods.map((period) => period.endsAt.toISOString())).toEqual([
      '2026-02-28T09:00:00.000Z',
      '2026-03-31T09:00:00.000Z',
      '2026-04-30T09:00:00.000Z',
    ]);
    expect(await lab.balance(userId, 'PNT')).toBe(500_00n);
  });

  it('renews once when several workers run at the same time', async () => {
    await lab.give(userId, 'PNT', 5_000_00n);
    await buy();
    await renewOn();
    lab.clock.set('2026-02-27T10:00:00Z');
    const taken = await Promise.all(Array.from({ length: 8 }, () => lab.get(TakeStepsService).takeAll()));
    expect(taken.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect((await overview()).periods).toHaveLength(2);
    expect(await lab.balance(userId, 'PNT')).toBe(4_000_00n);
  });

  it('charges one state of a subscription once, even if that were renewed again', async () => {
    await lab.give(userId, 'PNT', 5_000_00n);
    await buy();
    const { id } = await renewOn();
    const at = new Date('2026-02-27T09:00:00Z');
    lab.clock.set(at);
    const before = (await lab.get(SubscriptionsRepository).find(userId, id))!;
    const renew = () =>
      lab.unitOfWork.run(async () => {
        await lab.entitlements.lock(userId);
        await lab.get(RenewSubscriptionService).tryNow(before, before.renewal!, at);
      });
    await renew();
    await expect(renew()).rejects.toThrow(/uq_subscription_periods_transaction/);
    expect((await overview()).periods).toHaveLength(2);
    expect(await lab.balance(userId, 'PNT')).toBe(4_000_00n);
  });

  it('tells a reminder, a failed renewal and the end once when several workers run at the same time', async () => {
    await lab.give(userId, 'PNT', 500_00n);
    await buy();
    await renewOn();
    for (const [at, news] of [
      ['2026-02-21T09:00:00Z', ['ending']],
      ['2026-02-27T09:00:00Z', ['renewal_failed']],
      ['2026-03-03T09:00:00Z', ['renewal_failed', 'ended']],
    ] as const) {
      const before = (await told()).length;
      lab.clock.set(at);
      const taken = await Promise.all(Array.from({ length: 8 }, () => lab.get(TakeStepsService).takeAll()));
      expect(taken.reduce((sum, count) => sum + count, 0)).toBe(1);
      expect((await told()).slice(before)).toEqual(news);
    }
    expect(await consents()).toEqual([
      { given: true, actor: userId },
      { given: false, actor: 'system' },
    ]);
  });

  it('gives grace without money, asks once a day, and renews as soon as there is money', async () => {
    await lab.give(userId, 'PNT', 500_00n);
    await buy();
    await renewOn();
    await stepsAt('2026-02-27T09:00:00Z');
    await stepsAt('2026-02-28T09:00:00Z');
    expect(await overview()).toMatchObject({ status: 'grace', graceUntil: new Date('2026-03-03T09:00:00Z') });
    expect((await lab.entitlements.of(userId)).items).toMatchObject([
      { activeUntil: new Date('2026-03-03T09:00:00Z') },
    ]);
    await stepsAt('2026-02-28T21:00:00Z');
    expect(await told()).toEqual(['purchased', 'renewal_failed', 'renewal_failed']);
    await lab.give(userId, 'PNT', 600_00n);
    await stepsAt('2026-03-01T03:00:00Z');
    expect(await told()).toEqual(['purchased', 'renewal_failed', 'renewal_failed', 'renewed']);
    expect(await overview()).toMatchObject({
      status: 'active',
      paidUntil: new Date('2026-03-31T09:00:00Z'),
      graceUntil: null,
    });
    expect((await overview()).periods[1]!.startsAt).toEqual(new Date('2026-02-28T09:00:00Z'));
  });

  it('is listed by who holds it: paid time and grace, the next to end first, each once over all pages', async () => {
    const granted = { paidMinor: 0n, source: 'grant' as const, paymentId: null, transactionId: null };
    const grant = async (holder: string, months: number): Promise<void> => {
      const offer = offerOf(months, 'PNT');
      await lab.unitOfWork.run(async () => {
        const adding = lab.get(AddPeriodService);
        await adding.add(await adding.begin(holder, offer.product), offer, { ...granted, paidCurrency: 'PNT' });
      });
    };
    const revoke = (holder: string): Promise<unknown> =>
      lab.unitOfWork.run(async () => {
        const [subscription] = await lab.subscriptions.ofUser(holder);
        const change = { months: 0, earnedMinor: 0n, refundedMinor: 0n, reason: 'a mistake' };
        await lab.get(ChangePeriodService).apply(subscription!, subscription!.periods[0]!, change);
      });
    const [inGrace, ended, stacked, revoked] = [userId, randomUUID(), randomUUID(), randomUUID()];
    // More than a page with one end.
    const gifted = [randomUUID(), randomUUID(), randomUUID()];
    await lab.give(inGrace, 'PNT', 500_00n);
    await buy();
    await renewOn();
    for (const holder of [ended, stacked, stacked, stacked]) await lab.pay(lab.payment(holder));
    for (const holder of [...gifted, revoked]) await grant(holder, 3);
    await revoke(revoked);
    await stepsAt('2026-02-27T09:00:00Z');
    lab.clock.set('2026-03-01T00:00:00Z');
    const repository = new HoldersRepository(lab.unitOfWork);
    const holders = async (search: Partial<HolderSearch> = {}): Promise<Holder[]> => {
      const found: Holder[] = [];
      for (;;) {
        const after = found.at(-1);
        const page = await repository.search({ ...search, after, limit: 2 }, await lab.clock.now());
        found.push(...page);
        if (page.length < 2) break;
      }
      const ours = [inGrace, ended, stacked, revoked, ...gifted];
      return found.filter((holder) => ours.includes(holder.userId));
    };
    const all = await holders();
    expect(all).toMatchObject([
      {
        userId: inGrace,
        product: 'cinema',
        planId: demoPlan(1).id,
        planName: demoPlan(1).name,
        termMonths: 1,
        startsAt: new Date('2026-01-31T09:00:00Z'),
        endsAt: new Date('2026-02-28T09:00:00Z'),
        state: 'grace',
        graceUntil: new Date('2026-03-03T09:00:00Z'),
        renews: true,
        paidWith: 'balance',
      },
      {
        userId: stacked,
        startsAt: new Date('2026-02-28T09:00:00Z'),
        endsAt: new Date('2026-03-31T09:00:00Z'),
        state: 'active',
        paidUntil: new Date('2026-04-30T09:00:00Z'),
        graceUntil: null,
        renews: false,
        paidWith: 'card',
      },
      ...gifted.map(() => ({ planId: demoPlan(3).id, state: 'active', paidWith: 'grant' })),
    ]);
    expect(all.slice(2).map((holder) => holder.userId)).toEqual(expect.arrayContaining(gifted));
    expect(await holders({ state: 'grace' })).toEqual([all[0]]);
    expect(await holders({ state: 'active' })).toEqual(all.slice(1));
    expect(await holders({ planId: demoPlan(1).id })).toEqual(all.slice(0, 2));
    expect(await holders({ planId: demoPlan(3).id, state: 'active' })).toEqual(all.slice(2));
    lab.clock.set('2026-02-28T08:59:59Z');
    expect(await holders({ state: 'grace' })).toEqual([]);
    expect(await holders({ state: 'active' })).toHaveLength(3 + gifted.length);
  });

  it('ends after grace, and a later purchase does not bring the renewal back', async () => {
    await lab.give(userId, 'PNT', 500_00n);
    await buy();
    await renewOn();
    await stepsAt('2026-02-27T09:00:00Z');
    await stepsAt('2026-03-03T09:00:00Z');
    expect((await told()).at(-1)).toBe('ended');
    expect(await overview()).toMatchObject({ status: 'ended', renewal: null });
    expect(await consents()).toEqual([
      { given: true, actor: userId },
      { given: false, actor: 'system' },
    ]);
    await lab.pay(lab.payment(userId));
    expect(await overview()).toMatchObject({
      status: 'active',
      renewal: null,
      paidUntil: new Date('2026-04-03T09:00:00Z'),
    });
  });

  it('waits for money that may be spent: what is held does not count', async () => {
    await lab.give(userId, 'PNT', 500_00n);
    await buy();
    await renewOn();
    await stepsAt('2026-02-27T09:00:00Z');
    await lab.give(userId, 'PNT', 600_00n);
    const { id: accountId } = await lab.get(AccountsService).wallet(userId, 'PNT');
    const holdId = randomUUID();
    const held = { userId, id: holdId, accountId, amountMinor: 200_00n, source: { type: 'test', id: holdId } };
    await lab.unitOfWork.run(() => lab.get(LedgerService).hold(held));
    lab.clock.set('2026-02-27T10:00:00Z');
    expect(await lab.get(TakeStepsService).takeAll()).toBe(0);
    await lab.unitOfWork.run(() => lab.get(LedgerService).release(userId, holdId));
    expect(await lab.get(TakeStepsService).takeAll()).toBe(1);
    expect((await told()).at(-1)).toBe('renewed');
  });

  it('is not renewed before its time when it fails for another reason by then', async () => {
    await lab.give(userId, 'PNT', 5_000_00n);
    await buy();
    const { id } = await renewOn();
    const price = (amount: number) =>
      lab.sql.query(`UPDATE plan_prices SET amount_minor = $2 WHERE plan_id = $1 AND currency = 'PNT'`, [
        demoPlan(1).id,
        amount,
      ]);
    await price(60_000);
    await stepsAt('2026-02-27T09:00:00Z');
    await price(50_000);
    await lab.unitOfWork.run(async () => {
      await lab.entitlements.lock(userId);
      await lab.get(StepService).take(userId, id, true);
    });
    expect(await told()).toEqual(['purchased', 'renewal_failed']);
    expect(await lab.balance(userId, 'PNT')).toBe(4_500_00n);
  });

  it('gives in grace what was held, not the better plan that nobody has paid', async () => {
    const features = { video_quality: 'ultra_hd' };
    const premium = await lab
      .get(AdministerPlansService)
      .create(userId, { ...demoPlan(1), name: 'Premium', features }, randomUUID());
    await lab.give(userId, 'PNT', 500_00n);
    await buy();
    await lab.get(SwitchRenewalService).on(userId, (await overview()).id, { planId: premium.id, currency: 'PNT' });
    await stepsAt('2026-02-27T09:00:00Z');
    await stepsAt('2026-02-28T09:00:00Z');
    expect((await overview()).status).toBe('grace');
    expect((await lab.entitlements.of(userId)).items).toMatchObject([{ features: demoPlan(1).features }]);
    await lab.give(userId, 'PNT', 500_00n);
    await stepsAt('2026-02-28T10:00:00Z');
    expect((await lab.entitlements.of(userId)).items).toMatchObject([{ features }]);
  });

  it('gives up grace with the renewal that it waited for', async () => {
    await lab.give(userId, 'PNT', 500_00n);
    await buy();
    const { id } = await renewOn();
    await stepsAt('2026-02-27T09:00:00Z');
    await stepsAt('2026-02-28T10:00:00Z');
    expect((await overview()).status).toBe('grace');
    await lab.get(SwitchRenewalService).off(userId, id);
    expect(await overview()).toMatchObject({ status: 'ended', graceUntil: null, renewal: null });
    expect((await lab.entitlements.of(userId)).items).toEqual([]);
    await stepsAt('2026-02-28T10:00:01Z');
    expect((await told()).at(-1)).toBe('ended');
  });

  it('agrees to renew neither what has ended nor with the plan of another product', async () => {
    await lab.pay(lab.payment(userId));
    const sport = await lab.get(AdministerPlansService).create(
      userId,
      {
        ...demoPlan(1),
        product: 'sport',
        productName: 'Sport',
      },
      randomUUID(),
    );
    const { id } = await overview();
    const withSport = { planId: sport.id, currency: 'PNT' };
    await expect(lab.get(SwitchRenewalService).on(userId, id, withSport)).rejects.toMatchObject({
      code: 'subscription.other_product',
    });
    lab.clock.set('2026-02-28T09:00:00Z');
    await expect(renewOn()).rejects.toMatchObject({ code: 'subscription.ended' });
    expect(await consents()).toEqual([]);
  });

  it('does not charge more than was agreed to', async () => {
    await lab.give(userId, 'PNT', 5_000_00n);
    await buy();
    await renewOn();
    await lab.sql.query(`UPDATE plan_prices SET amount_minor = 60000 WHERE plan_id = $1 AND currency = 'PNT'`, [
      demoPlan(1).id,
    ]);
    await stepsAt('2026-02-27T09:00:00Z');
    await lab.sql.query(`UPDATE plan_prices SET amount_minor = 50000 WHERE plan_id = $1 AND currency = 'PNT'`, [
      demoPlan(1).id,
    ]);
    expect(await lab.events('billing.subscription.renewal_failed', userId)).toMatchObject([
      { reason: 'price_raised', priceMinor: '60000' },
    ]);
    expect(await overview()).toMatchObject({ graceUntil: null, renewal: { failure: 'price_raised', tryAt: null } });
    expect(await lab.balance(userId, 'PNT')).toBe(4_500_00n);
  });

  it('charges less than was agreed to when the plan has become cheaper', async () => {
    await lab.give(userId, 'PNT', 1_000_00n);
    await buy();
    await renewOn();
    const price = (amount: number) =>
      lab.sql.query(`UPDATE plan_prices SET amount_minor = $2 WHERE plan_id = $1 AND currency = 'PNT'`, [
        demoPlan(1).id,
        amount,
      ]);
    await price(40_000);
    await stepsAt('2026-02-27T09:00:00Z');
    await price(50_000);
    expect((await overview()).periods).toMatchObject([{ paidMinor: 500_00n }, { paidMinor: 400_00n }]);
    expect(await lab.balance(userId, 'PNT')).toBe(100_00n);
  });

  it('charges nobody who is blocked, and renews as soon as they are let in during grace', async () => {
    const users = lab.get(UsersService);
    await lab.give(userId, 'PNT', 1_000_00n);
    await buy();
    await renewOn();
    await users.block(userId, 1, true, null);
    await stepsAt('2026-02-28T09:00:00Z');
    expect((await overview()).renewal).toMatchObject({ failure: 'account_unusable' });
    expect(await lab.balance(userId, 'PNT')).toBe(500_00n);
    await users.block(userId, 2, false, null);
    await stepsAt('2026-02-28T21:00:00Z');
    expect((await overview()).periods).toHaveLength(2);
    expect(await lab.balance(userId, 'PNT')).toBe(0n);
  });

  it('tells at once when it will not be tried again after all', async () => {
    await lab.give(userId, 'PNT', 500_00n);
    await buy();
    await renewOn();
    await stepsAt('2026-02-27T09:00:00Z');
    await lab.sql.query(`UPDATE plan_prices SET amount_minor = 60000 WHERE plan_id = $1 AND currency = 'PNT'`, [
      demoPlan(1).id,
    ]);
    await stepsAt('2026-02-27T21:00:00Z');
    await lab.sql.query(`UPDATE plan_prices SET amount_minor = 50000 WHERE plan_id = $1 AND currency = 'PNT'`, [
      demoPlan(1).id,
    ]);
    const [first, second] = await lab.events<object>('billing.subscription.renewal_failed', userId);
    expect(first).toMatchObject({ reason: 'insufficient_funds', nextTryAt: '2026-02-27T21:00:00.000Z' });
    expect(second).toMatchObject({ reason: 'price_raised' });
    expect(second).not.toHaveProperty('nextTryAt');
  });

  it('keeps the paid time after a cancel, and both consents on record', async () => {
    await lab.give(userId, 'PNT', 5_000_00n);
    await buy();
    const { id } = await renewOn();
    await lab.get(SwitchRenewalService).off(userId, id);
    await lab.get(SwitchRenewalService).off(userId, id);
    await stepsAt('2026-02-27T10:00:00Z');
    expect(await overview()).toMatchObject({
      status: 'active',
      renewal: null,
      paidUntil: new Date('2026-02-28T09:00:00Z'),
    });
    expect(await lab.balance(userId, 'PNT')).toBe(4_500_00n);
    expect(await consents()).toEqual([
      { given: true, actor: userId },
      { given: false, actor: userId },
    ]);
  });

  it('makes up for a run that comes days late: renewed once, told once, from the moment it could', async () => {
    await lab.give(userId, 'PNT', 5_000_00n);
    await buy();
    await renewOn();
    await stepsAt('2026-03-10T00:00:00Z');
    await stepsAt('2026-03-10T00:00:01Z');
    expect(await told()).toEqual(['purchased', 'renewed']);
    expect((await overview()).periods[1]!.startsAt).toEqual(new Date('2026-03-10T00:00:00Z'));
  });

  it('does not let one broken subscription stop the others', async () => {
    await lab.pay(lab.payment(userId));
    const broken = randomUUID();
    await lab.pay(lab.payment(broken));
    await lab.sql.query('UPDATE subscriptions SET paid_until = paid_until - interval $$1 hour$$ WHERE user_id = $1', [
      broken,
    ]);
    await lab.sql.query('UPDATE subscription_periods SET offer = $$"broken"$$ WHERE user_id = $1', [broken]);
    await stepsAt('2026-02-21T09:00:00Z');
    expect(await told()).toEqual(['purchased', 'ending']);
    await lab.sql.query('UPDATE subscriptions SET next_step_at = NULL WHERE user_id = $1', [broken]);
  });
});
