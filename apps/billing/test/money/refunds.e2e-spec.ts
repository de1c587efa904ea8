import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SyncDisputeService } from '../../src/disputes/sync-dispute.service.js';
import { PaymentProvider } from '../../src/payments/payment-provider.js';
import { SweeperService } from '../../src/payments/sweeper.service.js';
import { SyncRefundsService } from '../../src/refunds/sync-refunds.service.js';
import { BillingStack } from '../subscriptions/billing-stack.js';
import { Control } from './control.js';
import { MoneyUser, type Problem } from './money-user.js';

interface Refund {
  id: string;
  status: string;
  amount: { amount: string };
}

describe('money that goes back', () => {
  let stack: BillingStack;
  let control: Control;
  const admin = randomUUID();
  beforeAll(async () => {
    stack = await BillingStack.startWithRates();
    control = new Control(stack.sandbox.controlUrl);
  });
  afterEach(() => control.faultsOff());
  afterAll(() => stack?.stop());

  const refund = (paymentId: string, amount?: string, key: string = randomUUID(), by = admin) =>
    stack.call<Refund & Problem>(
      by,
      'POST',
      `/admin/payments/${paymentId}/refunds`,
      { reason: 'asked by the customer', ...(amount && { amount: { amount, currency: 'EUR' } }) },
      { key, roles: ['admin'] },
    );

  const intentOf = async (paymentId: string): Promise<string> =>
    (await stack.sql.query('SELECT intent_id FROM payments WHERE id = $1', [paymentId])).rows[0].intent_id;

  /** What the other services have been told of a user's refunds and disputes, in order. */
  const told = async (user: MoneyUser): Promise<[string, string, string | undefined][]> => {
    const { rows } = await stack.sql.query<{ name: string; payload: Record<string, string> }>(
      `SELECT envelope ->> 'name' AS name, envelope -> 'payload' AS payload FROM outbox
        WHERE envelope -> 'payload' ->> 'userId' = $1 AND envelope ->> 'name' ~ '^billing[.](refund|dispute)[.]' ORDER BY id`,
      [user.id],
    );
    return rows.map(({ name, payload }) => [
      name,
      (payload['refundedMinor'] ?? payload['disputedMinor'])!,
      payload['outcome'],
    ]);
  };

  const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 50 });

  it('takes a whole top-up back at its own rate, and the books are as before', async () => {
    const user = await MoneyUser.join(stack);
    const { id } = await user.pay('20.00', 'EUR', 'PNT');
    const answer = await refund(id);
    expect(answer).toMatchObject({ status: 201, body: { status: 'succeeded', amount: { amount: '20.00' } } });
    expect(await user.balances()).toEqual({ EUR: '0.00', PNT: '0.00', 'PNT debt': '0.00' });
  });

  it('in parts takes together exactly what was given', async () => {
    const user = await MoneyUser.join(stack);
    const { id } = await user.pay('10.01', 'EUR', 'PNT');
    for (const part of ['3.33', '3.33', '3.35']) expect((await refund(id, part)).status).toBe(201);
    expect(await user.balances()).toEqual({ EUR: '0.00', PNT: '0.00', 'PNT debt': '0.00' });
    const over = await refund(id, '0.01');
    expect(over).toMatchObject({ status: 409, body: { code: 'refund.exceeds_payment' } });
  });

  it('after it was spent empties the wallet and leaves a debt that the next top-up repays first', async () => {
    const user = await MoneyUser.join(stack);
    const { id } = await user.pay('10.00', 'EUR');
    await user.convert('4.00', 'EUR', 'PNT');
    expect((await refund(id)).status).toBe(201);
    expect(await user.balances()).toMatchObject({ EUR: '0.00', 'EUR debt': '-4.00' });
    await user.pay('9.00', 'EUR');
    expect(await user.balances()).toMatchObject({ EUR: '5.00', 'EUR debt': '0.00' });
  });

  it('asked for by two administrators at once never exceeds the payment', async () => {
    const user = await MoneyUser.join(stack);
    const { id } = await user.pay('100.00', 'EUR');
    const answers = await Promise.all([refund(id, '60.00'), refund(id, '60.00')]);
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201, 409]));
    expect(await user.balances()).toMatchObject({ EUR: '40.00' });
  });

  it('asked for by sixteen at once never exceeds the payment, and each is told how it stands', async () => {
    const user = await MoneyUser.join(stack);
    const { id } = await user.pay('10.00', 'EUR');
    const answers = await Promise.all(Array.from({ length: 16 }, () => refund(id, '1.50')));
    const answered = (status: number) => answers.filter((answer) => answer.status === status).length;
    expect([answered(201), answered(409)]).toEqual([6, 10]);
    expect(await user.balances()).toEqual({ EUR: '1.00', 'EUR debt': '0.00' });
    const { rows } = await stack.sql.query('SELECT refund_requested_minor, taken_minor FROM payments WHERE id = $1', [
      id,
    ]);
    expect(rows).toEqual([{ refund_requested_minor: '900', taken_minor: '900' }]);
  });

  it('with one key is one refund', async () => {
    const user = await MoneyUser.join(stack);
    const { id } = await user.pay('10.00', 'EUR');
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => refund(id, '3.00', key)));
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    expect(await user.balances()).toMatchObject({ EUR: '7.00' });
  });

  it('made in the dashboard of the provider is booked as well, once', async () => {
    const user = await MoneyUser.join(stack);
    const { id } = await user.pay('10.00', 'EUR');
    await control.call('POST', `/stripe/payment_intents/${await intentOf(id)}/refund`, { amount: 250 });
    await eventually(async () => expect(await user.balances()).toMatchObject({ EUR: '7.50' }));
    await control.call('POST', '/stripe/events/replay', { type: 'charge.refunded' });
    await control.call('POST', '/stripe/events/replay', { type: 'refund.created' });
    await refund(id, '1.00');
    expect(await user.balances()).toMatchObject({ EUR: '6.50' });
    expect(await told(user)).toEqual([
      ['billing.refund.issued', '250', undefined],
      ['billing.refund.issued', '100', undefined],
    ]);
  });

  it('and fails at the bank afterwards comes back to the user, once', async () => {
    const user = await MoneyUser.join(stack);
    const { id } = await user.pay('10.00', 'EUR');
    await user.convert('4.00', 'EUR', 'PNT');
    const { body } = await refund(id);
    expect(await user.balances()).toMatchObject({ EUR: '0.00', 'EUR debt': '-4.00' });
    const provider = await stack.sql.query('SELECT provider_id FROM refunds WHERE id = $1', [body.id]);
    await control.call('POST', `/stripe/refunds/${provider.rows[0].provider_id}/fail`);
    await eventually(async () => expect(await user.balances()).toMatchObject({ EUR: '6.00', 'EUR debt': '0.00' }));
    await control.call('POST', '/stripe/events/replay', { type: 'refund.failed' });
    const again = await refund(id, '1.00');
    expect(again.status).toBe(201);
    expect(await user.balances()).toMatchObject({ EUR: '5.00', 'EUR debt': '0.00' });
    expect(await told(user)).toEqual([
      ['billing.refund.issued', '1000', undefined],
      ['billing.refund.failed', '1000', undefined],
      ['billing.refund.issued', '100', undefined],
    ]);
  });

  it('and comes back repays what the user owes for something else by then', async () => {
    const user = await MoneyUser.join(stack);
    const [first, second] = [await user.pay('10.00', 'EUR'), await user.pay('10.00', 'EUR')];
    await user.convert('10.00', 'EUR', 'PNT');
    const { body } = await refund(first.id);
    await refund(second.id);
    expect(await user.balances()).toMatchObject({ EUR: '0.00', 'EUR debt': '-10.00' });
    const provider = await stack.sql.query('SELECT provider_id FROM refunds WHERE id = $1', [body.id]);
    await control.call('POST', `/stripe/refunds/${provider.rows[0].provider_id}/fail`);
    await eventually(async () => expect(await user.balances()).toMatchObject({ EUR: '0.00', 'EUR debt': '0.00' }));
  });

  it.each([
    ['api.unavailable', 'by itself'],
    ['api.reset_after_commit', 'by itself'],
    ['api.unavailable', 'with its key'],
    ['api.reset_after_commit', 'with its key'],
  ])('that the provider answered with %s is sent again %s, and made once', async (kind, how) => {
    const user = await MoneyUser.join(stack);
    const { id } = await user.pay('10.00', 'EUR');
    await control.loseWebhooks();
    await control.call('POST', '/faults', { provider: 'stripe', kind, match: 'POST /v1/refunds', times: 3 });
    const key = randomUUID();
    expect((await refund(id, '2.00', key)).status).toBe(503);
    if (how === 'with its key') expect((await refund(id, '2.00', key)).status).toBe(201);
    await stack.sql.query(`UPDATE refunds SET next_check_at = now() WHERE payment_id = $1`, [id]);
    await stack.app.get(SweeperService).sweep();
    await eventually(async () => expect(await user.balances()).toMatchObject({ EUR: '8.00' }));
    expect((await refund(id, '8.00')).status).toBe(201);
    const { payments } = await control.call<{ payments: { clientReferenceId: string; refunded: number }[] }>(
      'GET',
      '/stripe/truth',
    );
    expect(payments.find((payment) => payment.clientReferenceId === id)?.refunded).toBe(1_000);
  });

  it('whose answer was lost is what its key stands for, and no other amount', async () => {
    const user = await MoneyUser.join(stack);
    const { id } = await user.pay('20.00', 'EUR');
    await control.call('POST', '/faults', { provider: 'stripe', kind: 'api.unavailable', match: 'POST /v1/refunds' });
    const key = randomUUID();
    expect((await refund(id, '10.00', key)).status).toBe(503);
    await control.faultsOff();
    const reused = { status: 422, body: { code: 'idempotency.key_reused' } };
    expect(await refund(id, '3.00', key)).toMatchObject(reused);
    // Also when the key itself has been forgotten.
    await stack.sql.query('DELETE FROM idempotency_keys WHERE key = $1', [key]);
    expect(await refund(id, '3.00', key)).toMatchObject(reused);
    expect(await refund(id, '10.00', key)).toMatchObject({ status: 201, body: { amount: { amount: '10.00' } } });
    expect(await user.balances()).toMatchObject({ EUR: '10.00' });
  });

  it("is not answered for by another administrator's under the same key", async () => {
    const user = await MoneyUser.join(stack);
    const { id } = await user.pay('20.00', 'EUR');
    const key = randomUUID();
    const [first, second] = [await refund(id, '3.00', key), await refund(id, '3.00', key, randomUUID())];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body.id).not.toBe(first.body.id);
    expect(await user.balances()).toMatchObject({ EUR: '14.00' });
  });

  it('is not for users to ask for', async () => {
    const user = await MoneyUser.join(stack);
    const { id } = await user.pay('10.00', 'EUR');
    const answer = await stack.call(user.id, 'POST', `/admin/payments/${id}/refunds`, { reason: 'please' });
    expect(answer.status).toBe(403);
  });

  describe('by a dispute', () => {
    async function disputed(user: MoneyUser, amount = '10.00'): Promise<{ id: string; dispute: string }> {
      const { id } = await user.pay(amount, 'EUR', 'PNT');
      const dispute = await control.call<{ id: string }>(
        'POST',
        `/stripe/payment_intents/${await intentOf(id)}/dispute`,
      );
      await eventually(async () => {
        const rows = await stack.sql.query('SELECT state FROM disputes WHERE payment_id = $1', [id]);
        expect(rows.rows).toEqual([{ state: 'open' }]);
      });
      return { id, dispute: dispute.id };
    }

    it('is held while the bank decides, and released when it is won', async () => {
      const user = await MoneyUser.join(stack);
      const { id, dispute } = await disputed(user);
      const { PNT: full } = await user.balances();
      expect(await user.held('PNT')).toBe(full);
      expect(await refund(id)).toMatchObject({ status: 409, body: { code: 'refund.not_possible' } });
      await control.call('POST', `/stripe/disputes/${dispute}/close`, { status: 'won' });
      await eventually(async () => expect(await user.held('PNT')).toBe('0.00'));
      expect((await user.balances())['PNT']).toBe(full);
      expect(await told(user)).toEqual([
        ['billing.dispute.opened', '1000', undefined],
        ['billing.dispute.closed', '1000', 'won'],
      ]);
    });

    it.each(['before', 'while'])('and refunded %s it is held comes to the same once it is won', async (when) => {
      const user = await MoneyUser.join(stack);
      const [first, second] = [await user.pay('10.00', 'EUR'), await user.pay('10.00', 'EUR')];
      await user.convert('10.00', 'EUR', 'PNT');
      if (when === 'before') expect((await refund(second.id)).status).toBe(201);
      const { id: dispute } = await control.call<{ id: string }>(
        'POST',
        `/stripe/payment_intents/${await intentOf(first.id)}/dispute`,
      );
      if (when === 'while') {
        await eventually(async () => expect(await user.held('EUR')).toBe('10.00'));
        expect((await refund(second.id)).status).toBe(201);
        expect(await user.balances()).toMatchObject({ EUR: '10.00', 'EUR debt': '-10.00' });
      }
      await control.call('POST', `/stripe/disputes/${dispute}/close`, { status: 'won' });
      await eventually(async () =>
        expect((await told(user)).map(([name]) => name)).toContain('billing.dispute.closed'),
      );
      expect(await user.held('EUR')).toBe('0.00');
      expect(await user.balances()).toMatchObject({ EUR: '0.00', 'EUR debt': '0.00' });
    });

    it('lost and then won on appeal repays what the user owes for something else by then', async () => {
      const user = await MoneyUser.join(stack);
      const [first, second] = [await user.pay('10.00', 'EUR'), await user.pay('10.00', 'EUR')];
      await user.convert('10.00', 'EUR', 'PNT');
      await control.loseWebhooks();
      const { id: dispute } = await control.call<{ id: string }>(
        'POST',
        `/stripe/payment_intents/${await intentOf(first.id)}/dispute`,
      );
      await control.call('POST', `/stripe/disputes/${dispute}/close`, { status: 'lost' });
      await stack.app.get(SyncDisputeService).sync(dispute, 'test');
      await refund(second.id);
      expect(await user.balances()).toMatchObject({ EUR: '0.00', 'EUR debt': '-10.00' });
      const provider = stack.app.get(PaymentProvider);
      const lost = await provider.getDispute(dispute);
      vi.spyOn(provider, 'getDispute').mockResolvedValueOnce({ ...lost, status: 'won' });
      await stack.app.get(SyncDisputeService).sync(dispute, 'test');
      expect(await user.balances()).toMatchObject({ EUR: '0.00', 'EUR debt': '0.00' });
    });

    it('is taken once when it is lost, whatever is told again', async () => {
      const user = await MoneyUser.join(stack);
      const { dispute } = await disputed(user);
      await control.call('POST', `/stripe/disputes/${dispute}/close`, { status: 'lost' });
      await eventually(async () =>
        expect(await user.balances()).toEqual({ EUR: '0.00', PNT: '0.00', 'PNT debt': '0.00' }),
      );
      for (const type of ['charge.dispute.created', 'charge.dispute.closed', 'charge.dispute.funds_withdrawn'])
        await control.call('POST', '/stripe/events/replay', { type });
      await stack.app.get(SweeperService).sweep();
      expect(await user.balances()).toEqual({ EUR: '0.00', PNT: '0.00', 'PNT debt': '0.00' });
      expect(await told(user)).toEqual([
        ['billing.dispute.opened', '1000', undefined],
        ['billing.dispute.closed', '1000', 'lost'],
      ]);
      expect(await user.held('PNT')).toBe('0.00');
    });

    it.each(['won', 'lost'])(
      'is held, %s and told once by eight that hear of it at the same moment',
      async (status) => {
        const user = await MoneyUser.join(stack);
        const { id } = await user.pay('10.00', 'EUR');
        // Enough for a second hold, which must not be taken.
        await user.pay('10.00', 'EUR');
        await control.loseWebhooks();
        const { id: dispute } = await control.call<{ id: string }>(
          'POST',
          `/stripe/payment_intents/${await intentOf(id)}/dispute`,
        );
        const sync = () =>
          Promise.all(Array.from({ length: 8 }, () => stack.app.get(SyncDisputeService).sync(dispute, 'test')));
        const noted = async () =>
          (
            await stack.sql.query(
              `SELECT what FROM payment_timeline WHERE payment_id = $1 AND what ~ '^dispute' ORDER BY id`,
              [id],
            )
          ).rows;
        await sync();
        expect(await user.held('EUR')).toBe('10.00');
        expect(await noted()).toEqual([{ what: 'dispute_held' }]);
        await control.call('POST', `/stripe/disputes/${dispute}/close`, { status });
        await sync();
        expect(await user.held('EUR')).toBe('0.00');
        expect(await user.balances()).toMatchObject({ EUR: status === 'won' ? '20.00' : '10.00' });
        expect(await noted()).toEqual([
          { what: 'dispute_held' },
          { what: status === 'won' ? 'dispute_released' : 'dispute_taken' },
        ]);
        expect(await told(user)).toEqual([
          ['billing.dispute.opened', '1000', undefined],
          ['billing.dispute.closed', '1000', status],
        ]);
      },
    );

    it('takes no more than was paid when a refund and a lost dispute are heard of at the same moment', async () => {
      const user = await MoneyUser.join(stack);
      const { id } = await user.pay('10.00', 'EUR');
      await control.loseWebhooks();
      const intent = `/stripe/payment_intents/${await intentOf(id)}`;
      await control.call('POST', `${intent}/refund`, { amount: 300 });
      const { id: dispute } = await control.call<{ id: string }>('POST', `${intent}/dispute`, { amount: 1000 });
      await control.call('POST', `/stripe/disputes/${dispute}/close`, { status: 'lost' });
      await Promise.all(
        Array.from({ length: 4 }, () => [
          stack.app.get(SyncRefundsService).sync(id, 'test'),
          stack.app.get(SyncDisputeService).sync(dispute, 'test'),
        ]).flat(),
      );
      expect(await user.balances()).toEqual({ EUR: '0.00', 'EUR debt': '0.00' });
      const { rows } = await stack.sql.query('SELECT taken_minor FROM payments WHERE id = $1', [id]);
      expect(rows).toEqual([{ taken_minor: '1000' }]);
    });

    it('after a part was refunded takes only the rest', async () => {
      const user = await MoneyUser.join(stack);
      const { id } = await user.pay('10.00', 'EUR');
      await refund(id, '4.00');
      await control.call('POST', `/stripe/payment_intents/${await intentOf(id)}/dispute`, { amount: 1000 });
      await eventually(async () => expect(await user.held('EUR')).toBe('6.00'));
      const { rows } = await stack.sql.query('SELECT id FROM disputes WHERE payment_id = $1', [id]);
      await control.call('POST', `/stripe/disputes/${rows[0].id}/close`, { status: 'lost' });
      await eventually(async () => expect(await user.held('EUR')).toBe('0.00'));
      expect(await user.balances()).toMatchObject({ EUR: '0.00', 'EUR debt': '0.00' });
    });
  });
});
