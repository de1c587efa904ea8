import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { RevocationList } from '#libs/access';
import { testRedisUrl } from '#libs/testing';
import { FetchRatesService } from '../../src/rates/fetch-rates.service.js';
import { RatesProcessor } from '../../src/rates/rates.processor.js';
import { BillingStack } from '../subscriptions/billing-stack.js';
import { Control } from './control.js';
import { MoneyUser, type Problem, type Quote } from './money-user.js';

/** Hours: older than the second source's rates ever are, weekends and holidays included. */
const LONG_AGO = 480;

describe('a conversion', () => {
  let stack: BillingStack;
  let control: Control;
  beforeAll(async () => {
    stack = await BillingStack.startWithRates();
    control = new Control(stack.sandbox.controlUrl);
  });
  afterEach(() => control.faultsOff());
  afterAll(() => stack?.stop());

  const convert = (user: MoneyUser, quoteId: string, key: string = randomUUID()) =>
    stack.call<{ transactionId: string } & Problem>(user.id, 'POST', '/conversions', { quoteId }, { key });

  const ask = (user: MoneyUser, amount: string, currency: string, to: string) =>
    stack.call<Quote & Problem>(user.id, 'POST', '/quotes', { from: { amount, currency }, to });

  /** Rates as old as `hours`; an immutable table is aged with its triggers off. */
  async function ageRates(hours: number): Promise<void> {
    await stack.sql.query('ALTER TABLE rate_sets DISABLE TRIGGER USER');
    await stack.sql.query(`UPDATE rate_sets SET published_at = now() - make_interval(hours => $1)`, [hours]);
    await stack.sql.query('ALTER TABLE rate_sets ENABLE TRIGGER USER');
  }

  it('moves exactly what was quoted', async () => {
    const user = await MoneyUser.join(stack);
    await user.pay('10.00', 'EUR');
    const quote = await user.quote('7.00', 'EUR', 'CNY');
    expect((await convert(user, quote.id)).status).toBe(201);
    expect(await user.balances()).toEqual({ EUR: '3.00', CNY: quote.amountOut.amount });
  });

  it('spends its quote once, however many ask at the same time', async () => {
    const user = await MoneyUser.join(stack);
    await user.pay('10.00', 'EUR');
    const { id, amountOut } = await user.quote('2.00', 'EUR', 'PNT');
    const answers = await Promise.all(Array.from({ length: 20 }, () => convert(user, id)));
    expect(
      new Set(answers.map(({ status, body }) => (status === 201 ? body.transactionId : body.code))).size,
    ).toBeLessThanOrEqual(2);
    expect(await user.balances()).toEqual({ EUR: '8.00', PNT: amountOut.amount });
  });

  it('of more than is there is refused with what is missing, and the quote stays good', async () => {
    const user = await MoneyUser.join(stack);
    await user.pay('5.00', 'EUR');
    const quote = await user.quote('7.00', 'EUR', 'PNT');
    expect(await convert(user, quote.id)).toMatchObject({
      status: 402,
      body: { code: 'account.insufficient_funds', missing: { amount: '2.00', currency: 'EUR' } },
    });
    await user.pay('2.00', 'EUR');
    expect((await convert(user, quote.id)).status).toBe(201);
  });

  it('waits, as does buying from the balance, while nobody has known for a minute who was blocked; looking and topping up do not', async () => {
    const user = await MoneyUser.join(stack);
    await user.pay('10.00', 'EUR');
    const quote = await user.quote('7.00', 'EUR', 'CNY');
    const key = randomUUID();
    const revocations = stack.app.get(RevocationList);
    // auth and its list have been away for two minutes.
    Object.assign(revocations, { readAtMs: performance.now() - 120_000 });
    const stopped = vi.spyOn(revocations, 'update').mockResolvedValue();
    try {
      const refused = { status: 503, body: { code: 'auth.revocations_unavailable' } };
      expect(await convert(user, quote.id, key)).toMatchObject(refused);
      const order = { planId: randomUUID(), payWith: 'balance' };
      expect(await stack.call(user.id, 'POST', '/subscriptions/checkout', order, { key: randomUUID() })).toMatchObject(
        refused,
      );
      expect(await user.balances()).toEqual({ EUR: '10.00' });
      await user.pay('1.00', 'EUR');
    } finally {
      stopped.mockRestore();
    }
    await revocations.update();
    expect((await convert(user, quote.id, key)).status).toBe(201);
  });

  it('needs a quote that is open: not expired, not kept for a top-up, not of somebody else', async () => {
    const user = await MoneyUser.join(stack);
    await user.pay('20.00', 'EUR');
    const [old, kept, other] = [
      await user.quote('5.00', 'EUR', 'PNT'),
      await user.quote('5.00', 'EUR', 'PNT'),
      await user.quote('5.00', 'EUR', 'PNT'),
    ];
    await stack.sql.query('UPDATE quotes SET expires_at = now() WHERE id = $1', [old.id]);
    await user.begin({ quoteId: kept.id });
    expect(await convert(user, old.id)).toMatchObject({ status: 409, body: { code: 'quote.expired' } });
    expect(await convert(user, kept.id)).toMatchObject({ status: 409, body: { code: 'quote.used' } });
    expect(await convert(await MoneyUser.join(stack), other.id)).toMatchObject({ status: 404 });
    expect(await user.balances()).toEqual({ EUR: '20.00' });
  });

  it.each([10, -10])('obeys the clock of the database on a node whose own is %i minutes off', async (minutes) => {
    const user = await MoneyUser.join(stack);
    await user.pay('20.00', 'EUR');
    const [good, over] = [await user.quote('5.00', 'EUR', 'PNT'), await user.quote('5.00', 'EUR', 'PNT')];
    const end = (id: string, seconds: number) =>
      stack.sql.query('UPDATE quotes SET expires_at = now() + make_interval(secs => $2) WHERE id = $1', [id, seconds]);
    await end(good.id, 300);
    await end(over.id, -300);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + minutes * 60_000 });
    try {
      expect((await convert(user, good.id)).status).toBe(201);
      expect(await convert(user, over.id)).toMatchObject({ status: 409, body: { code: 'quote.expired' } });
      // The provider refuses a session that would end in less than half an hour.
      expect((await user.begin({ amount: { amount: '5.00', currency: 'EUR' } })).status).toBe('session_open');
    } finally {
      vi.useRealTimers();
    }
  });

  it('needs nothing that lies in Redis, which gets its jobs again at the next start', async () => {
    const user = await MoneyUser.join(stack);
    await user.pay('10.00', 'EUR');
    const [used, kept] = [await user.quote('5.00', 'EUR', 'PNT'), await user.quote('5.00', 'EUR', 'USD')];
    const topUp = await user.begin({ quoteId: kept.id });
    const redis = new Redis(testRedisUrl());
    await redis.flushdb();
    expect((await convert(user, used.id)).status).toBe(201);
    await stack.sandbox.pay(topUp.checkoutUrl);
    await user.settled(topUp.id);
    const { amountOut: points } = used;
    expect(await user.balances()).toEqual({ EUR: '5.00', PNT: points.amount, USD: kept.amountOut.amount });
    const rates = stack.app.get(RatesProcessor);
    rates.onModuleDestroy();
    rates.onApplicationBootstrap();
    await vi.waitUntil(async () => (await redis.keys('bull:billing.rates:repeat*')).length > 0, { timeout: 15_000 });
    redis.disconnect();
  });

  it.each([
    ['of points', '5.00', 'PNT', 'EUR', 'quote.points_not_sold'],
    ['into the same currency', '5.00', 'EUR', 'EUR', 'quote.same_currency'],
    ['into an unknown currency', '5.00', 'EUR', 'ZZZ', 'currency.unknown'],
    ['of a kopeck, which is worth no cent', '0.01', 'RUB', 'USD', 'quote.amount_not_convertible'],
  ])('%s is not quoted', async (_, amount, currency, to, code) => {
    const user = await MoneyUser.join(stack);
    expect(await ask(user, amount, currency, to)).toMatchObject({ status: 422, body: { code } });
  });

  it('is not quoted at rates over three days old, while a top-up without conversion goes on', async () => {
    const user = await MoneyUser.join(stack);
    const before = await user.quote('5.00', 'EUR', 'PNT');
    await ageRates(73);
    const refused = await ask(user, '5.00', 'EUR', 'PNT');
    expect(refused).toMatchObject({ status: 503, body: { code: 'rates.stale' } });
    expect(refused.headers.get('retry-after')).toBe('300');
    await user.pay('5.00', 'EUR');
    // What was promised is kept.
    expect((await convert(user, before.id)).status).toBe(201);
    await ageRates(71);
    expect((await ask(user, '5.00', 'EUR', 'PNT')).status).toBe(201);
    await ageRates(48);
  });

  describe('has rates that', () => {
    const fetchRates = () => stack.app.get(FetchRatesService).fetch();
    const provider = async (): Promise<string> =>
      ((await (await fetch(`${stack.url}/rates`)).json()) as { provider: string }).provider;
    const fault = (kind: string, match = '/v6/*', value?: number) =>
      control.call('POST', '/faults', { provider: 'fx', kind, match, ...(value && { value }) });

    it.each(['error', 'rate_limit', 'reset', 'ddos_page', 'truncated', 'missing_rub', 'zero', 'text_number'])(
      'come from the second source when the first one fails by %s',
      async (kind) => {
        await ageRates(LONG_AGO);
        await fault(kind);
        expect(await fetchRates()).toBe('accepted');
        expect(await provider()).toBe('bank-of-russia');
      },
    );

    // Days from the last midnight: two would be less than the 26 hours allowed when the day is nearly over.
    it.each([
      ['jump', undefined],
      ['inverse', undefined],
      ['drift', 25],
      ['future', 3],
    ])('are put aside when they %s', async (kind, value) => {
      await ageRates(48);
      const before = await (await fetch(`${stack.url}/rates`)).json();
      await fault(kind, '/v6/*', value);
      expect(await fetchRates()).toBe('quarantined');
      expect(await (await fetch(`${stack.url}/rates`)).json()).toEqual(before);
    });

    it('move by ten percent when both sources say so, and not when one does', async () => {
      await ageRates(LONG_AGO);
      await fault('jump', '/v6/*', 1.1);
      expect(await fetchRates()).toBe('quarantined');
      await fault('drift', '/scripts/*', 10);
      expect(await fetchRates()).toBe('accepted');
    });

    it('are reported to the operators once they are older than 26 hours, and go on being used', async () => {
      const said = vi.spyOn(Logger.prototype, 'error');
      const told = () => said.mock.calls.map(([what]) => String(what)).filter((what) => what.includes('hours old'));
      await fault('error', '*');
      for (const hours of [25, 27]) {
        await ageRates(hours);
        await expect(stack.app.get(RatesProcessor).fetch()).rejects.toThrow('no source answered');
        expect(told()).toEqual(hours > 26 ? ['The newest exchange rates are 27 hours old'] : []);
      }
      said.mockRestore();
      expect((await ask(await MoneyUser.join(stack), '5.00', 'EUR', 'PNT')).status).toBe(201);
    });

    it('stay what they were when both sources fail, and every answer is kept', async () => {
      const before = await (await fetch(`${stack.url}/rates`)).json();
      const kept = async (): Promise<number> =>
        Number((await stack.sql.query(`SELECT count(*) FROM rate_fetches WHERE status = 'failed'`)).rows[0].count);
      const count = await kept();
      await fault('error', '*');
      expect(await fetchRates()).toBe('failed');
      expect(await kept()).toBe(count + 2);
      expect(await (await fetch(`${stack.url}/rates`)).json()).toEqual(before);
    });
  });
});
