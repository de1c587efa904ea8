import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { OrderRefusedError } from '../../src/payments/payment.errors.js';
import { PaymentProvider } from '../../src/payments/payment-provider.js';
import { SweeperService } from '../../src/payments/sweeper.service.js';
import { BillingStack } from '../subscriptions/billing-stack.js';
import { Control } from './control.js';
import { MoneyUser, type Problem, type TopUp } from './money-user.js';

const SESSIONS = 'POST /v1/checkout/sessions';
const KEY_REUSED = { status: 422, body: { code: 'idempotency.key_reused' } };

describe('a top-up that the provider does not take at once', () => {
  let stack: BillingStack;
  let control: Control;
  beforeAll(async () => {
    stack = await BillingStack.startWithRates();
    control = new Control(stack.sandbox.controlUrl);
  });
  afterEach(async () => {
    await control.faultsOff();
    await control.call('POST', '/clock', { reset: true });
  });
  afterAll(() => stack?.stop());

  const ask = (user: MoneyUser, order: object, key: string) =>
    stack.call<TopUp & Problem>(user.id, 'POST', '/top-ups', order, { key });

  const unreachable = (match: string) =>
    control.call('POST', '/faults', { provider: 'stripe', kind: 'api.unavailable', match });

  /** The provider's clock goes forward, ours does not. */
  const later = (minutes: number) => control.call('POST', '/clock', { advanceSeconds: minutes * 60 });

  const sweep = async (user: MoneyUser): Promise<void> => {
    await stack.sql.query(
      'UPDATE payments SET next_check_at = now() WHERE user_id = $1 AND next_check_at IS NOT NULL',
      [user.id],
    );
    await stack.app.get(SweeperService).sweep();
  };

  const payments = async (user: MoneyUser): Promise<{ id: string; status: string }[]> =>
    (await stack.sql.query('SELECT id, status FROM payments WHERE user_id = $1 ORDER BY id', [user.id])).rows;

  /** The state of each session the provider has for a payment. */
  async function sessionsOf(paymentId: string): Promise<string[]> {
    const response = await fetch(`${stack.sandbox.stripeUrl}/v1/checkout/sessions?limit=100`, {
      headers: { authorization: 'Bearer sk_test_sandbox' },
    });
    const { data } = (await response.json()) as { data: { client_reference_id: string; status: string }[] };
    return data.filter((session) => session.client_reference_id === paymentId).map(({ status }) => status);
  }

  /** An order whose payment is written and whose session could not be made. */
  async function unanswered(user: MoneyUser, order: object): Promise<string> {
    const key = randomUUID();
    await unreachable(SESSIONS);
    expect((await ask(user, order, key)).status).toBe(503);
    expect(await payments(user)).toMatchObject([{ status: 'created' }]);
    return key;
  }

  it.each(['the client', 'the sweeper'])('is taken up again after two minutes by %s, and paid', async (who) => {
    const user = await MoneyUser.join(stack);
    const quote = await user.quote('20.00', 'EUR', 'PNT');
    const key = await unanswered(user, { quoteId: quote.id });
    await later(2);
    await control.faultsOff();
    if (who === 'the sweeper') await sweep(user);
    const { status, body } = await ask(user, { quoteId: quote.id }, key);
    expect([status, body.status]).toEqual([201, 'session_open']);
    expect(await payments(user)).toEqual([{ id: body.id, status: 'session_open' }]);
    await stack.sandbox.pay(body.checkoutUrl);
    await user.settled(body.id);
    expect(await user.balances()).toEqual({ EUR: '0.00', PNT: quote.amountOut.amount });
  });

  it('is what its key stands for, and no other order of the same amount', async () => {
    const user = await MoneyUser.join(stack);
    const [points, dollars] = [await user.quote('20.00', 'EUR', 'PNT'), await user.quote('20.00', 'EUR', 'USD')];
    const key = await unanswered(user, { quoteId: points.id });
    await control.faultsOff();
    expect(await ask(user, { quoteId: dollars.id }, key)).toMatchObject(KEY_REUSED);
    // Also when the key itself has been forgotten.
    await stack.sql.query('DELETE FROM idempotency_keys WHERE user_id = $1', [user.id]);
    expect(await ask(user, { quoteId: dollars.id }, key)).toMatchObject(KEY_REUSED);
    expect(await ask(user, { amount: { amount: '20.00', currency: 'EUR' } }, key)).toMatchObject(KEY_REUSED);
    expect(await ask(user, { quoteId: points.id }, key)).toMatchObject({
      status: 201,
      body: { credits: points.amountOut },
    });
  });

  it('and is refused for good leaves its quote to another one', async () => {
    const user = await MoneyUser.join(stack);
    const quote = await user.quote('20.00', 'EUR', 'PNT');
    const key = randomUUID();
    // For the provider the session would have ended already.
    await later(90);
    const refused = await ask(user, { quoteId: quote.id }, key);
    expect(refused).toMatchObject({ status: 422, body: { code: 'payment.refused_by_provider' } });
    await control.call('POST', '/clock', { reset: true });
    expect(await ask(user, { quoteId: quote.id }, key)).toMatchObject({ status: 409, body: { code: 'payment.over' } });
    const { id, checkoutUrl } = await user.begin({ quoteId: quote.id });
    await stack.sandbox.pay(checkoutUrl);
    await user.settled(id);
    expect(await user.balances()).toEqual({ EUR: '0.00', PNT: quote.amountOut.amount });
    const [given, taken] = await payments(user);
    expect([given, taken]).toMatchObject([{ status: 'failed' }, { id, status: 'succeeded' }]);
    expect(await sessionsOf(given!.id)).toEqual([]);
  });

  it('for one who asks, but does for another at the same moment, can be paid', async () => {
    const user = await MoneyUser.join(stack);
    const quote = await user.quote('20.00', 'EUR', 'PNT');
    const provider = stack.app.get(PaymentProvider);
    const create = vi.spyOn(provider, 'createSession').mockImplementationOnce(async (payment) => {
      const { id, url } = await provider.createSession(payment);
      await stack.sql.query(
        `UPDATE payments SET status = 'session_open', session_id = $2, session_url = $3 WHERE id = $1`,
        [payment.id, id, url],
      );
      throw new OrderRefusedError('too late');
    });
    const key = randomUUID();
    expect((await ask(user, { quoteId: quote.id }, key)).status).toBe(422);
    create.mockRestore();
    const { id, checkoutUrl } = (await ask(user, { quoteId: quote.id }, key)).body;
    await stack.sandbox.pay(checkoutUrl);
    await user.settled(id);
    expect(await user.balances()).toEqual({ EUR: '0.00', PNT: quote.amountOut.amount });
  });

  it.each(['the client', 'the sweeper'])(
    'until its offer is over is not sold any more, whoever asks: %s',
    async (who) => {
      const user = await MoneyUser.join(stack);
      const quote = await user.quote('20.00', 'EUR', 'PNT');
      const key = await unanswered(user, { quoteId: quote.id });
      await control.faultsOff();
      const end = `expires_at = now() - interval '1 second' WHERE user_id = $1`;
      await stack.sql.query(`UPDATE quotes SET ${end}`, [user.id]);
      await stack.sql.query(`UPDATE payments SET next_check_at = NULL, ${end}`, [user.id]);
      if (who === 'the sweeper') {
        await stack.sql.query('UPDATE payments SET next_check_at = now() WHERE user_id = $1', [user.id]);
        await stack.app.get(SweeperService).sweep();
      }
      expect(await ask(user, { quoteId: quote.id }, key)).toMatchObject({
        status: 409,
        body: { code: 'payment.over' },
      });
      const [payment] = await payments(user);
      expect(payment).toMatchObject({ status: 'expired' });
      expect(await sessionsOf(payment!.id)).toEqual(['expired']);
    },
  );

  it('or does, is looked at when its offer ends, however soon that is', async () => {
    const user = await MoneyUser.join(stack);
    const { id: quoteId } = await user.quote('20.00', 'EUR', 'PNT');
    await stack.sql.query(`UPDATE quotes SET expires_at = now() + interval '20 seconds' WHERE id = $1`, [quoteId]);
    const { id } = await user.begin({ quoteId });
    const { rows } = await stack.sql.query(
      'SELECT extract(epoch FROM next_check_at - expires_at)::int AS seconds FROM payments WHERE id = $1',
      [id],
    );
    expect(rows).toEqual([{ seconds: 1 }]);
  });

  it('or does not end at once, is asked about again within seconds; what was paid meanwhile counts as quoted', async () => {
    const user = await MoneyUser.join(stack);
    const quote = await user.quote('20.00', 'EUR', 'PNT');
    const { id, checkoutUrl } = await user.begin({ quoteId: quote.id });
    await unreachable(`${SESSIONS}/*/expire`);
    await stack.sql.query(
      `UPDATE payments SET expires_at = now() - interval '1 second', next_check_at = now(), attempts = 3 WHERE id = $1`,
      [id],
    );
    await stack.app.get(SweeperService).sweep();
    const next = async (): Promise<number> =>
      (
        await stack.sql.query(
          'SELECT extract(epoch FROM next_check_at - now())::int AS seconds FROM payments WHERE id = $1',
          [id],
        )
      ).rows[0].seconds;
    expect(await next()).toBeLessThanOrEqual(10);
    await control.loseWebhooks();
    await stack.sandbox.pay(checkoutUrl);
    await control.faultsOff();
    await sweep(user);
    await user.settled(id);
    expect(await user.balances()).toEqual({ EUR: '0.00', PNT: quote.amountOut.amount });
  });
});
