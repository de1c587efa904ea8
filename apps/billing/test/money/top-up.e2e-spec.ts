import { createHmac, randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { UnitOfWork } from '#libs/database';
import { UnavailableError } from '#libs/errors';
import { PaymentFulfilments } from '../../src/payments/payment-fulfilments.js';
import { PaymentProvider } from '../../src/payments/payment-provider.js';
import { PaymentsRepository } from '../../src/payments/payments.repository.js';
import { ProviderEventsRepository } from '../../src/payments/provider-events.repository.js';
import { SettlePaymentService } from '../../src/payments/settle-payment.service.js';
import { SweeperService } from '../../src/payments/sweeper.service.js';
import { BillingStack } from '../subscriptions/billing-stack.js';
import { Control } from './control.js';

interface Money {
  amount: string;
  currency: string;
}
interface Quote {
  id: string;
  amountOut: Money;
  status: string;
  expiresAt: string;
}
interface TopUp {
  id: string;
  status: string;
  checkoutUrl: string;
  credits: Money;
  transactionId: string | null;
}
interface Line {
  id: string;
  accountId: string;
  seq: number;
  amount: Money;
}
interface Problem {
  code: string;
  status: number;
}
interface Page {
  items: Line[];
  nextCursor: string | null;
}

describe('a top-up', () => {
  let stack: BillingStack;
  let control: Control;
  beforeAll(async () => {
    stack = await BillingStack.startWithRates();
    control = new Control(stack.sandbox.controlUrl);
    await stack.app.startAllMicroservices();
  });
  afterEach(() => control.faultsOff());
  afterAll(() => stack?.stop());

  /** A new user with a profile. */
  async function newUser(): Promise<string> {
    const userId = randomUUID();
    expect((await stack.call(userId, 'POST', '/profiles', {})).status).toBe(201);
    return userId;
  }

  async function balances(userId: string): Promise<Record<string, string>> {
    const { body } = await stack.call<{ items: { currency: string; balance: Money }[] }>(userId, 'GET', '/accounts');
    return Object.fromEntries(body.items.map(({ currency, balance }) => [currency, balance.amount]));
  }

  async function quote(userId: string, amount: string, currency: string, to: string): Promise<Quote> {
    const { status, body } = await stack.call<Quote>(userId, 'POST', '/quotes', { from: { amount, currency }, to });
    expect(status).toBe(201);
    return body;
  }

  async function begin(userId: string, order: object, key?: string): Promise<TopUp> {
    const { status, body } = await stack.call<TopUp>(userId, 'POST', '/top-ups', order, key ? { key } : {});
    expect(status, JSON.stringify(body)).toBe(201);
    return body;
  }

  const get = async (userId: string, id: string): Promise<TopUp> =>
    (await stack.call<TopUp>(userId, 'GET', `/top-ups/${id}`)).body;

  const settled = (userId: string, id: string, status = 'succeeded'): Promise<void> =>
    vi.waitFor(async () => expect((await get(userId, id)).status).toBe(status), { timeout: 15_000, interval: 50 });

  const euros = (amount: string): object => ({ amount: { amount, currency: 'EUR' } });

  it('turns euros into points as quoted, and the history shows each line with what explains it', async () => {
    const userId = await newUser();
    const promised = await quote(userId, '20.00', 'EUR', 'PNT');
    const topUp = await begin(userId, { quoteId: promised.id });
    expect(topUp).toMatchObject({ status: 'session_open', credits: promised.amountOut });
    const paid = await stack.sandbox.pay(topUp.checkoutUrl);
    expect(paid.headers.get('location')).toBe(`${stack.url}/top-ups/${topUp.id}/return`);
    await settled(userId, topUp.id);
    expect(await balances(userId)).toEqual({ EUR: '0.00', PNT: promised.amountOut.amount });

    const history = await vi.waitFor(
      async () => {
        const { body } = await stack.call<Page>(userId, 'GET', '/transactions');
        expect(body.items).toHaveLength(4);
        return body;
      },
      { timeout: 15_000 },
    );
    expect(history.items.map((line) => line.amount.amount).toSorted()).toEqual(
      ['-0.20', '-19.80', '20.00', promised.amountOut.amount].toSorted(),
    );
    const first = (await stack.call<Page>(userId, 'GET', '/transactions?limit=3')).body;
    const rest = (await stack.call<Page>(userId, 'GET', `/transactions?limit=3&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...rest.items]).toEqual(history.items);
    expect(rest.nextCursor).toBeNull();
    const { body: details } = await stack.call<{ details: object; legs: { code: string }[] }>(
      userId,
      'GET',
      `/transactions/${history.items[0]!.id}`,
    );
    expect(details.details).toMatchObject({ paymentId: topUp.id, quoteId: promised.id });
    expect(details.legs.map((leg) => leg.code)).toEqual(['capture', 'exchanged', 'spread', 'received']);

    const { id, accountId } = history.items[0]!;
    const byAccount = await stack.call<Page>(userId, 'GET', `/transactions?accountId=${accountId.toUpperCase()}`);
    expect(byAccount.body.items.map((line) => line.id)).toContain(id);
    expect((await stack.call(userId, 'GET', `/transactions/${id.toUpperCase()}`)).body).toEqual(details);

    const negative = '/transactions?currency=EUR&amountFrom=-20&amountTo=-0.20';
    const { body: taken } = await stack.call<Page>(userId, 'GET', negative);
    expect(taken.items.map((line) => line.amount.amount)).toEqual(['-0.20', '-19.80']);
    expect((await stack.call<Problem>(userId, 'GET', '/transactions?amountFrom=1')).status).toBe(422);
    for (const field of ['amountFrom', 'amountTo']) {
      const finer = await stack.call<Problem>(userId, 'GET', `/transactions?currency=EUR&${field}=5.009`);
      expect(finer).toMatchObject({ status: 422, body: { errors: [{ field }] } });
    }
    const file = async (format: string): Promise<string[]> => {
      const answer = await fetch(`${stack.url}/transactions/export?format=${format}`, {
        headers: { authorization: `Bearer ${stack.token(userId)}` },
      });
      expect(answer.headers.get('content-disposition')).toContain(`transactions.${format}`);
      return (await answer.text()).trim().split(/\r?\n/);
    };
    const [head, ...rows] = await file('csv');
    expect(head).toBe('occurredAt,id,kind,accountId,seq,currency,amount,balanceAfter');
    expect(rows.map((row) => row.split(',')[6])).toEqual(history.items.map((line) => line.amount.amount));
    expect((await file('ndjson')).map((line) => JSON.parse(line) as Line)).toEqual(history.items);
  });

  it('is credited once, however often and in whatever order webhook, return page and sweeper come', async () => {
    const userId = await newUser();
    const topUp = await begin(userId, euros('7.00'));
    await stack.sandbox.pay(topUp.checkoutUrl);
    const looks = Array.from({ length: 20 }, () => fetch(`${stack.url}/top-ups/${topUp.id}/return`));
    const replays = Array.from({ length: 5 }, () =>
      control.call('POST', '/stripe/events/replay', { type: 'checkout.session.completed' }),
    );
    await Promise.all([...looks, ...replays, stack.app.get(SweeperService).sweep()]);
    await settled(userId, topUp.id);
    expect(await balances(userId)).toEqual({ EUR: '7.00' });
    const rows = await stack.sql.query('SELECT 1 FROM ledger_transactions WHERE user_id = $1', [userId]);
    expect(rows.rowCount).toBe(1);
  });

  it('is settled for all who ask at the same moment, and told of once', async () => {
    const userId = await newUser();
    const { id, checkoutUrl } = await begin(userId, euros('7.00'));
    await control.loseWebhooks();
    await stack.sandbox.pay(checkoutUrl);
    const settling = stack.app.get(SettlePaymentService);
    const all = await Promise.all(Array.from({ length: 8 }, () => settling.settle(id, 'test')));
    expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 'succeeded'));
    const { rowCount } = await stack.sql.query(
      `SELECT FROM outbox WHERE aggregate_id = $1 AND envelope ->> 'name' = 'billing.topup.settled'`,
      [id],
    );
    expect(rowCount).toBe(1);
  });

  it('whose session turns out to be of another payment does not take that payment for its own', async () => {
    const userId = await newUser();
    const [ours, other] = [await begin(userId, euros('7.00')), await begin(userId, euros('7.01'))];
    await control.loseWebhooks();
    await stack.sandbox.pay(other.checkoutUrl);
    const provider = stack.app.get(PaymentProvider);
    const { rows } = await stack.sql.query('SELECT session_id FROM payments WHERE id = $1', [other.id]);
    const foreign = await provider.getSession(rows[0].session_id);
    vi.spyOn(provider, 'getSession').mockResolvedValueOnce(foreign);
    const settled = await stack.app.get(SettlePaymentService).settle(ours.id, 'test');
    expect(foreign.intentId).toEqual(expect.any(String));
    expect(settled).toMatchObject({ status: 'needs_review', intentId: null });
  });

  it('is posted once, even if it were fulfilled again', async () => {
    const userId = await newUser();
    const { id, checkoutUrl } = await begin(userId, euros('7.00'));
    await stack.sandbox.pay(checkoutUrl);
    await settled(userId, id);
    const payment = await stack.app.get(PaymentsRepository).find(id);
    const fulfilment = stack.app.get(PaymentFulfilments).of('top_up');
    const again = () => stack.app.get(UnitOfWork).run(() => fulfilment.fulfil(payment!));
    const { transactionId } = await get(userId, id);
    expect(await Promise.all([again(), again()])).toEqual([{ transactionId }, { transactionId }]);
    expect(await balances(userId)).toEqual({ EUR: '7.00' });
  });

  it('is found by the sweeper when its webhook never arrives, and told to the operators; the page says that we are checking', async () => {
    const userId = await newUser();
    const said = vi.spyOn(Logger.prototype, 'warn');
    await control.loseWebhooks();
    const topUp = await begin(userId, euros('3.00'));
    await stack.sandbox.pay(topUp.checkoutUrl);
    const unreachable = { provider: 'stripe', kind: 'api.unavailable', match: 'GET /v1/checkout/sessions/*' };
    await control.call('POST', '/faults', unreachable);
    const page = await fetch(`${stack.url}/top-ups/${topUp.id}/return`);
    expect(await page.text()).toContain('Checking your payment');
    await control.faultsOff();
    await stack.sql.query('UPDATE payments SET next_check_at = now() WHERE id = $1', [topUp.id]);
    await stack.app.get(SweeperService).sweep();
    expect(await get(userId, topUp.id)).toMatchObject({ status: 'succeeded' });
    expect(await balances(userId)).toEqual({ EUR: '3.00' });
    expect(said.mock.calls.map(String)).toContain(`Payment ${topUp.id} settled without its webhook`);
    said.mockRestore();
  });

  it('nobody has heard of is asked about after 1 and 5 minutes, an hour, and then every day', async () => {
    const { id } = await begin(await newUser(), euros('3.00'));
    const minutes: number[] = [];
    for (let look = 1; look <= 5; look++) {
      await stack.sql.query(
        `UPDATE payments SET next_check_at = now(), expires_at = now() + interval '9 days' WHERE id = $1`,
        [id],
      );
      await vi.waitUntil(async () => {
        await stack.app.get(SweeperService).sweep();
        const { rows } = await stack.sql.query(
          'SELECT attempts, round(extract(epoch FROM next_check_at - now()) / 60)::int AS minutes FROM payments WHERE id = $1',
          [id],
        );
        return rows[0].attempts === look && minutes.push(rows[0].minutes as number);
      });
    }
    expect(minutes).toEqual([1, 5, 60, 1_440, 1_440]);
  });

  it('fifty times at once by one user adds up to the cent, without a gap', async () => {
    const userId = await newUser();
    const topUps = await Promise.all(
      Array.from({ length: 50 }, (_, i) => begin(userId, euros(`1.${String(i).padStart(2, '0')}`))),
    );
    await Promise.all(topUps.map((topUp) => stack.sandbox.pay(topUp.checkoutUrl)));
    for (const topUp of topUps) await settled(userId, topUp.id);
    expect(await balances(userId)).toEqual({ EUR: '62.25' });
    const { rows } = await stack.sql.query('SELECT seq::int FROM ledger_entries WHERE user_id = $1 ORDER BY seq', [
      userId,
    ]);
    expect(rows.map((row) => row.seq as number)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  it('may not be offered in another currency by the provider', async () => {
    const { stripe } = stack.app.get(PaymentProvider) as unknown as { stripe: Stripe };
    const create = vi.spyOn(stripe.checkout.sessions, 'create');
    await begin(await newUser(), euros('3.00'));
    expect(create.mock.lastCall![0]).toMatchObject({ adaptive_pricing: { enabled: false } });
    create.mockRestore();
  });

  it('that is not paid grants nothing, whoever opens the return page', async () => {
    const userId = await newUser();
    const topUp = await begin(userId, euros('3.00'));
    const page = await fetch(`${stack.url}/top-ups/${topUp.id}/return`, { headers: { 'accept-language': 'ru' } });
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await page.text()).toContain('Пока не оплачено');
    expect(await get(userId, topUp.id)).toMatchObject({ status: 'session_open', transactionId: null });
    expect((await fetch(`${stack.url}/top-ups/${randomUUID()}/return`)).status).toBe(404);
  });

  it('stays open after a declined card and succeeds with the next one', async () => {
    const userId = await newUser();
    const topUp = await begin(userId, euros('4.00'));
    await stack.sandbox.pay(topUp.checkoutUrl, '4000000000000002');
    expect((await get(userId, topUp.id)).status).toBe('session_open');
    await stack.sandbox.pay(topUp.checkoutUrl);
    await settled(userId, topUp.id);
  });

  it('ends with its quote, and paid in that very moment it still counts', async () => {
    const userId = await newUser();
    const [lapsed, late] = [await begin(userId, euros('5.00')), await begin(userId, euros('6.00'))];
    await control.loseWebhooks();
    await stack.sandbox.pay(late.checkoutUrl);
    await stack.sql.query(`UPDATE payments SET expires_at = now(), next_check_at = now() WHERE user_id = $1`, [userId]);
    await stack.app.get(SweeperService).sweep();
    expect((await get(userId, lapsed.id)).status).toBe('expired');
    expect((await get(userId, late.id)).status).toBe('succeeded');
    expect((await stack.sandbox.pay(lapsed.checkoutUrl)).headers.get('location')).toBeNull();
    expect(await balances(userId)).toEqual({ EUR: '6.00' });
  });

  it.each([
    ['amount', 'amount_minor = amount_minor + 1'],
    ['currency', `currency = 'USD'`],
    ['user', 'user_id = gen_random_uuid()'],
  ])('whose session has another %s than was agreed credits nothing and waits for a person', async (_, change) => {
    const userId = await newUser();
    const topUp = await begin(userId, euros('7.00'));
    await stack.sql.query(`UPDATE payments SET ${change} WHERE id = $1`, [topUp.id]);
    await stack.sandbox.pay(topUp.checkoutUrl);
    await vi.waitUntil(
      async () =>
        (await stack.sql.query(`SELECT 1 FROM payments WHERE id = $1 AND status = 'needs_review'`, [topUp.id]))
          .rowCount === 1,
      { timeout: 15_000 },
    );
    expect((await stack.sql.query('SELECT 1 FROM ledger_transactions WHERE source_id = $1', [topUp.id])).rowCount).toBe(
      0,
    );
  });

  it('whose news cannot be worked off at first is worked off later, and left for a person after the last try', async () => {
    const userId = await newUser();
    const event = async (id: string) => {
      const { rows } = await stack.sql.query(
        `SELECT e.id, e.status, e.attempts FROM provider_events e JOIN payments p ON p.session_id = e.object_id
          WHERE p.id = $1 AND e.type = 'checkout.session.completed'`,
        [id],
      );
      return rows[0] as { id: string; status: string; attempts: number } | undefined;
    };
    await control.call('POST', '/faults', {
      provider: 'stripe',
      kind: 'api.unavailable',
      match: 'GET /v1/checkout/sessions/*',
    });
    const [healed, dead] = [await begin(userId, euros('3.00')), await begin(userId, euros('4.00'))];
    for (const topUp of [healed, dead]) {
      await stack.sandbox.pay(topUp.checkoutUrl);
      await vi.waitUntil(async () => ((await event(topUp.id))?.attempts ?? 0) > 0, { timeout: 15_000 });
    }
    expect(await event(healed.id)).toMatchObject({ status: 'received' });
    await stack.sql.query(`UPDATE provider_events SET attempts = 7, next_attempt_at = now() WHERE id = $1`, [
      (await event(dead.id))!.id,
    ]);
    const said = vi.spyOn(Logger.prototype, 'error');
    await stack.app.get(SweeperService).sweep();
    await vi.waitUntil(async () => (await event(dead.id))?.status === 'dead', { timeout: 15_000 });
    const { id: eventId } = (await event(dead.id))!;
    await vi.waitFor(() =>
      expect(said).toHaveBeenCalledWith(expect.objectContaining({ eventId }), 'provider event failed'),
    );
    said.mockRestore();
    await control.faultsOff();
    await stack.sql.query(`UPDATE provider_events SET next_attempt_at = now() WHERE id = $1`, [
      (await event(healed.id))!.id,
    ]);
    await stack.app.get(SweeperService).sweep();
    await settled(userId, healed.id);
  });

  it('asked for fifty times with one key is one payment and fifty equal answers', async () => {
    const userId = await newUser();
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => stack.call<TopUp>(userId, 'POST', '/top-ups', euros('9.00'), { key })),
    );
    expect(new Set(answers.map((answer) => `${answer.status} ${JSON.stringify(answer.body)}`)).size).toBe(1);
    const { rowCount } = await stack.sql.query('SELECT 1 FROM payments WHERE user_id = $1', [userId]);
    expect(rowCount).toBe(1);
  });

  it('with a used key and another body is refused; another user may use the same key', async () => {
    const [userId, other] = [await newUser(), await newUser()];
    const key = randomUUID();
    await begin(userId, euros('9.00'), key);
    const again = await stack.call<Problem>(userId, 'POST', '/top-ups', euros('8.00'), { key });
    expect(again).toMatchObject({ status: 422, body: { code: 'idempotency.key_reused' } });
    await begin(other, euros('8.00'), key);
  });

  it('from two tabs with one quote leads to one session', async () => {
    const userId = await newUser();
    const { id: quoteId } = await quote(userId, '20.00', 'EUR', 'PNT');
    const tabs = await Promise.all([begin(userId, { quoteId }), begin(userId, { quoteId })]);
    expect(tabs[0]!.checkoutUrl).toBe(tabs[1]!.checkoutUrl);
  });

  it("cannot use an expired quote, a used one or somebody else's", async () => {
    const [userId, other] = [await newUser(), await newUser()];
    const old = await quote(userId, '20.00', 'EUR', 'PNT');
    await stack.sql.query(`UPDATE quotes SET expires_at = now() WHERE id = $1`, [old.id]);
    const expired = await stack.call<Problem>(userId, 'POST', '/top-ups', { quoteId: old.id });
    expect(expired).toMatchObject({ status: 409, body: { code: 'quote.expired' } });
    const fresh = await quote(userId, '20.00', 'EUR', 'PNT');
    const stolen = await stack.call<Problem>(other, 'POST', '/top-ups', { quoteId: fresh.id });
    expect(stolen).toMatchObject({ status: 404, body: { code: 'quote.not_found' } });
    const payments = await stack.sql.query('SELECT 1 FROM payments WHERE user_id = ANY($1)', [[userId, other]]);
    expect(payments.rowCount).toBe(0);
  });

  it.each<[string, object, number, string]>([
    ['below the minimum', euros('0.49'), 422, 'payment.amount_not_chargeable'],
    ['over eight digits', euros('1000000.00'), 422, 'payment.amount_not_chargeable'],
    ['in roubles by card', { amount: { amount: '500.00', currency: 'RUB' } }, 422, 'payment.currency_not_chargeable'],
    ['in an unknown currency', { amount: { amount: '5.00', currency: 'ZZZ' } }, 422, 'currency.unknown'],
    ['of nothing', euros('0.00'), 422, 'amount.out_of_range'],
    ['negative', euros('-5.00'), 422, 'request.invalid'],
    ['with an exponent', euros('1e3'), 422, 'request.invalid'],
    ['with three decimals', euros('1.001'), 422, 'amount.malformed'],
    ['with a price of its own', { ...euros('5.00'), credits: '1000000' }, 422, 'request.invalid'],
    ['of a number instead of text', { amount: { amount: 5, currency: 'EUR' } }, 422, 'request.invalid'],
    ['without anything', {}, 422, 'request.invalid'],
  ])('%s is refused and leaves no row', async (_, order, status, code) => {
    const userId = await newUser();
    const answer = await stack.call<Problem>(userId, 'POST', '/top-ups', order);
    expect(answer).toMatchObject({ status, body: { code } });
    expect((await stack.sql.query('SELECT 1 FROM payments WHERE user_id = $1', [userId])).rowCount).toBe(0);
  });

  it.each(['0.49', '1000000.00'])('of %s is refused with what can be paid', async (amount) => {
    const { body } = await stack.call(await newUser(), 'POST', '/top-ups', euros(amount));
    expect(body).toMatchObject({ minimum: '0.50', maximum: '999999.99', currency: 'EUR' });
  });

  it('reaches a rouble account from a card in dollars, under a quote', async () => {
    const userId = await newUser();
    const promised = await quote(userId, '10.00', 'USD', 'RUB');
    const topUp = await begin(userId, { quoteId: promised.id });
    await stack.sandbox.pay(topUp.checkoutUrl);
    await settled(userId, topUp.id);
    expect(await balances(userId)).toEqual({ RUB: promised.amountOut.amount, USD: '0.00' });
  });

  it("is nobody else's to see", async () => {
    const [userId, other] = [await newUser(), await newUser()];
    const topUp = await begin(userId, euros('3.00'));
    expect((await stack.call(other, 'GET', `/top-ups/${topUp.id}`)).status).toBe(404);
    expect((await fetch(`${stack.url}/top-ups/${topUp.id}`)).status).toBe(401);
  });

  /** A delivery to the webhook, signed. */
  const send = (body: string, { secret = 'whsec_sandbox', at = Date.now(), sent = body } = {}) => {
    const t = Math.floor(at / 1000);
    const v1 = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
    return fetch(`${stack.url}/webhooks/stripe`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'stripe-signature': `t=${t},v1=${v1}` },
      body: sent,
    });
  };
  const event = (livemode = false) =>
    JSON.stringify(
      {
        id: `evt_${randomUUID()}`,
        object: 'event',
        type: 'charge.updated',
        created: 1,
        livemode,
        data: { object: {} },
      },
      null,
      2,
    );

  it('is told of by webhooks that are answered once they are kept, and not before', async () => {
    const lost = vi
      .spyOn(ProviderEventsRepository.prototype, 'insert')
      .mockRejectedValue(new UnavailableError('The database'));
    const body = event();
    expect((await send(body)).status).toBe(503);
    lost.mockRestore();
    expect((await send(body)).status).toBe(200);
  });

  it('is told of by webhooks whatever a payer may have written into them', async () => {
    for (const name of [
      'nothing\0',
      'half a pair \ud83d',
      '{"type":"payout.paid"}',
      "'; DROP TABLE payments; --",
      'я'.repeat(50_000),
    ]) {
      const body = JSON.stringify({ ...(JSON.parse(event()) as object), data: { object: { id: 'ch_1', name } } });
      expect((await send(body)).status).toBe(200);
    }
  });

  it('is credited on no word of a message, whoever signed it: the provider is asked', async () => {
    const userId = await newUser();
    const topUp = await begin(userId, euros('3.00'));
    const { rows } = await stack.sql.query('SELECT session_id FROM payments WHERE id = $1', [topUp.id]);
    const session = {
      id: rows[0].session_id as string,
      object: 'checkout.session',
      client_reference_id: topUp.id,
      status: 'complete',
      payment_status: 'paid',
      amount_total: 300,
      currency: 'eur',
      payment_intent: 'pi_of_somebody_else',
      metadata: { payment_id: topUp.id, user_id: userId },
    };
    const told = { ...(JSON.parse(event()) as { id: string }), type: 'checkout.session.completed' };
    const messages = [
      { ...told, data: { object: session } },
      { ...told, id: `evt_${randomUUID()}`, account: 'acct_of_somebody_else', data: { object: session } },
      { ...told, id: `evt_${randomUUID()}`, data: { object: { ...session, id: 'cs_of_somebody_else' } } },
    ];
    for (const message of messages) expect((await send(JSON.stringify(message))).status).toBe(200);
    await vi.waitFor(
      async () => {
        const ids = messages.map(({ id }) => id);
        const done = await stack.sql.query('SELECT status FROM provider_events WHERE id = ANY($1)', [ids]);
        expect(done.rows).toEqual(ids.map(() => ({ status: 'done' })));
      },
      { timeout: 15_000, interval: 50 },
    );
    expect(await get(userId, topUp.id)).toMatchObject({ status: 'session_open', transactionId: null });
    expect(await balances(userId)).toEqual({});
    const after = await stack.sql.query('SELECT intent_id FROM payments WHERE id = $1', [topUp.id]);
    expect(after.rows).toEqual([{ intent_id: null }]);
  });

  it('has one session, for which the provider is asked once, however often it is looked at', async () => {
    const { stripe } = stack.app.get(PaymentProvider) as unknown as { stripe: Stripe };
    const create = vi.spyOn(stripe.checkout.sessions, 'create');
    const userId = await newUser();
    const { id: quoteId } = await quote(userId, '20.00', 'EUR', 'PNT');
    const topUp = await begin(userId, { quoteId });
    expect((await begin(userId, { quoteId })).checkoutUrl).toBe(topUp.checkoutUrl);
    await fetch(`${stack.url}/top-ups/${topUp.id}/return`);
    await stack.sandbox.pay(topUp.checkoutUrl);
    await settled(userId, topUp.id);
    const asked = create.mock.calls.filter(([order]) => order?.client_reference_id === topUp.id);
    expect(asked).toHaveLength(1);
    create.mockRestore();
  });

  it("refuses webhooks that are not the provider's, too old, too new or of the other mode, and keeps nothing of them", async () => {
    const before = await stack.sql.query('SELECT count(*) FROM provider_events');
    const bad = event();
    const refused = [
      await send(bad, { secret: 'whsec_other' }),
      await send(bad, { at: Date.now() - 302_000 }),
      await send(bad, { at: Date.now() + 3_600_000 }),
      await send(bad, { sent: JSON.stringify(JSON.parse(bad)) }),
      await send(bad, { sent: `${bad} ` }),
      await send(event(true)),
      await fetch(`${stack.url}/webhooks/stripe`, { method: 'POST', body: bad }),
      await send(JSON.stringify({ ...(JSON.parse(bad) as object), data: { object: { text: 'a'.repeat(300_000) } } })),
    ];
    expect(refused.map((response) => response.status)).toEqual([400, 400, 400, 400, 400, 400, 400, 413]);
    expect((await stack.sql.query('SELECT count(*) FROM provider_events')).rows).toEqual(before.rows);
    const good = event();
    const accepted = await Promise.all(Array.from({ length: 20 }, () => send(good)));
    expect(new Set(accepted.map((response) => response.status))).toEqual(new Set([200]));
    const after = await stack.sql.query('SELECT count(*) FROM provider_events');
    expect(Number(after.rows[0].count)).toBe(Number(before.rows[0].count) + 1);
  });
});
