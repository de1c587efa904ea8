import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { UnavailableError } from '#libs/errors';
import { BooksService } from '../../src/books/books.service.js';
import { SyncDisputeService } from '../../src/disputes/sync-dispute.service.js';
import { type CheckoutSession, PaymentProvider } from '../../src/payments/payment-provider.js';
import { SettlePaymentService } from '../../src/payments/settle-payment.service.js';
import { SweeperService } from '../../src/payments/sweeper.service.js';
import { DEMO_PLANS } from '../../src/plans/demo-plans.js';
import { compareLines, type Difference } from '../../src/reconciliation/comparison.js';
import { ReconciliationRepository } from '../../src/reconciliation/reconciliation.repository.js';
import { SyncRefundsService } from '../../src/refunds/sync-refunds.service.js';
import { UsersService } from '../../src/users/users.service.js';
import { BillingStack } from '../subscriptions/billing-stack.js';
import { Control } from './control.js';
import { MoneyUser, type Problem } from './money-user.js';

const SLOW_DEBIT = 'AT611904300234573201';

describe('news that comes late, twice or out of order', () => {
  let stack: BillingStack;
  let control: Control;
  let user: MoneyUser;
  const admin = randomUUID();
  beforeAll(async () => {
    stack = await BillingStack.startWithRates();
    control = new Control(stack.sandbox.controlUrl);
    user = await MoneyUser.join(stack);
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await control.faultsOff();
  });
  afterAll(() => stack?.stop());

  const one = async <T>(query: string, ...values: unknown[]): Promise<T> =>
    (await stack.sql.query(query, values)).rows[0] as T;
  const payment = (id: string) =>
    one<{ status: string; intent_id: string; session_id: string; disputed_minor: string; refunded_minor: string }>(
      'SELECT * FROM payments WHERE id = $1',
      id,
    );
  const refund = (paymentId: string, key: string = randomUUID(), amount?: string) =>
    stack.call<{ id: string } & Problem>(
      admin,
      'POST',
      `/admin/payments/${paymentId}/refunds`,
      { reason: 'asked by the customer', ...(amount && { amount: { amount, currency: 'EUR' } }) },
      { key, roles: ['admin'] },
    );
  const refundRow = (id: string) =>
    one<{ status: string; provider_id: string }>('SELECT * FROM refunds WHERE id = $1', id);
  const failAtBank = async (refundId: string) =>
    control.call('POST', `/stripe/refunds/${(await refundRow(refundId)).provider_id}/fail`);
  const faults = async () => {
    const { checks } = await stack.app.get(BooksService).verify();
    return checks.flatMap(({ name, faults: found }) => found.map(({ subject }) => `${name} ${subject}`));
  };
  const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 50 });

  it('leaves an event whose last try was killed to a person, and the others are worked off', async () => {
    const [killed, other] = [`evt_${randomUUID()}`, `evt_${randomUUID()}`];
    for (const [id, attempts] of [
      [killed, 8],
      [other, 0],
    ] as const) {
      const payload = { id, type: 'nothing.of.ours', objectId: id, paymentId: null, intentId: null, payload: {} };
      await stack.sql.query(
        `INSERT INTO provider_events (id, type, object_id, payload, created_at, attempts) VALUES ($1, $2, $1, $3, now(), $4)`,
        [id, payload.type, JSON.stringify(payload), attempts],
      );
    }
    const said = vi.spyOn(Logger.prototype, 'error');
    await stack.app.get(SweeperService).sweep();
    const state = (id: string) => one('SELECT status, attempts FROM provider_events WHERE id = $1', id);
    await eventually(async () => expect(await state(other)).toEqual({ status: 'ignored', attempts: 1 }));
    expect(await state(killed)).toEqual({ status: 'dead', attempts: 8 });
    expect(said.mock.calls.map(([what]) => what as object)).toContainEqual({ eventId: killed });
  });

  it('keeps one payment per quote while a bank debit is under way', async () => {
    const { id: quoteId } = await user.quote('20.00', 'EUR', 'PNT');
    const first = await user.begin({ quoteId });
    await control.call('POST', `/stripe/sessions/${(await payment(first.id)).session_id}/pay`, { iban: SLOW_DEBIT });
    await user.settled(first.id, 'processing');
    const looks = vi.spyOn(stack.app.get(PaymentProvider), 'getSession');
    expect(await user.begin({ quoteId })).toMatchObject({ id: first.id, status: 'processing' });
    expect(looks.mock.calls.length).toBeLessThan(5);
  });

  it.each([
    ['succeeds', 'succeeded', { EUR: '20.00' }],
    ['fails', 'failed', {}],
  ])(
    'credits a bank debit that %s days later for what became of it, and nothing before',
    async (outcome, status, balances) => {
      const other = await MoneyUser.join(stack);
      const { id } = await other.begin({ amount: { amount: '20.00', currency: 'EUR' } });
      await control.call('POST', `/stripe/sessions/${(await payment(id)).session_id}/pay`, { iban: SLOW_DEBIT });
      await other.settled(id, 'processing');
      expect(await other.balances()).toEqual({});
      await control.call('POST', `/stripe/payment_intents/${(await payment(id)).intent_id}/settle`, { outcome });
      await other.settled(id, status);
      expect(await other.balances()).toEqual(balances);
    },
  );

  /** A paid top-up of 10.00 that waits for a person, because our row says 10.01. */
  async function inReview(other: MoneyUser): Promise<string> {
    const { id, checkoutUrl } = await other.begin({ amount: { amount: '10.00', currency: 'EUR' } });
    await stack.sql.query('UPDATE payments SET amount_minor = 1001 WHERE id = $1', [id]);
    await stack.sandbox.pay(checkoutUrl);
    await other.settled(id, 'needs_review');
    return id;
  }

  /** From now on the payment matches what was paid. */
  const correct = (id: string) => stack.sql.query('UPDATE payments SET amount_minor = 1000 WHERE id = $1', [id]);

  it('does not credit what was given back while the payment was in review', async () => {
    const other = await MoneyUser.join(stack);
    const id = await inReview(other);
    await correct(id);
    const { status, body } = await refund(id);
    expect(status).toBe(201);
    const settle = () => stack.app.get(SettlePaymentService).settle(id, 'test');
    expect((await settle()).status).toBe('needs_review');
    expect(await other.balances()).toEqual({});
    await failAtBank(body.id);
    await eventually(async () => expect((await refundRow(body.id)).status).toBe('failed'));
    expect((await settle()).status).toBe('succeeded');
    expect(await other.balances()).toEqual({ EUR: '10.00' });
  });

  it.each(['won', 'lost'])(
    'leaves other money alone when a payment that was never credited is disputed and %s',
    async (outcome) => {
      const other = await MoneyUser.join(stack);
      await other.pay('25.00', 'EUR');
      const id = await inReview(other);
      const path = `/stripe/payment_intents/${(await payment(id)).intent_id}/dispute`;
      const { id: dispute } = await control.call<{ id: string }>('POST', path);
      const state = async () =>
        (await one<{ state: string }>('SELECT state FROM disputes WHERE id = $1', dispute))?.state;
      const settle = () => stack.app.get(SettlePaymentService).settle(id, 'test');
      await eventually(async () => expect(await state()).toBe('open'));
      expect([await other.held('EUR'), (await payment(id)).disputed_minor]).toEqual(['0.00', '1000']);
      await correct(id);
      expect((await settle()).status).toBe('needs_review');
      await control.call('POST', `/stripe/disputes/${dispute}/close`, { status: outcome });
      await eventually(async () => expect(await state()).toBe(outcome));
      // What is told after the end may have settled it already.
      expect((await settle()).status).toBe(outcome === 'won' ? 'succeeded' : 'needs_review');
      expect(await other.balances()).toEqual({ EUR: outcome === 'won' ? '35.00' : '25.00' });
    },
  );

  it.each(['blocked', 'deleted'] as const)(
    'books the money of a user %s during checkout, withholds what it bought and lists it for a refund',
    async (how) => {
      const other = await MoneyUser.join(stack);
      const topUp = await other.begin({ amount: { amount: '10.00', currency: 'EUR' } });
      const order = { planId: DEMO_PLANS[0]!.id, currency: 'EUR', payWith: 'card' };
      const buy = () =>
        stack.call<{ paymentId: string; checkoutUrl: string } & Problem>(
          other.id,
          'POST',
          '/subscriptions/checkout',
          order,
        );
      const { body: bought } = await buy();
      const users = stack.app.get(UsersService);
      await (how === 'blocked' ? users.block(other.id, 1, true, null) : users.forget(other.id, new Date()));
      for (const { checkoutUrl } of [topUp, bought]) await stack.sandbox.pay(checkoutUrl);
      for (const id of [topUp.id, bought.paymentId])
        await eventually(async () => expect((await payment(id)).status).toBe('succeeded'));
      expect(await other.balances()).toMatchObject({ EUR: '10.00' });
      expect((await stack.call(other.id, 'GET', '/entitlements/me')).body).toMatchObject({ items: [] });
      const again = await stack.call(other.id, 'POST', '/top-ups', { amount: { amount: '5.00', currency: 'EUR' } });
      expect(again).toMatchObject({ status: 403, body: { code: `user.${how}` } });

      const asAdmin = <T>(method: string, path: string, body?: object) =>
        stack.call<T>(admin, method, `/admin/payments${path}`, body, { roles: ['admin'] });
      const listed = async () => {
        const { body } = await asAdmin<{ items: { id: string; refundDue: string }[] }>(
          'GET',
          `?refundDue=true&userId=${other.id}`,
        );
        return body.items.map(({ id, refundDue }) => [id, refundDue]);
      };
      expect(await listed()).toEqual([
        [bought.paymentId, how],
        [topUp.id, how],
      ]);
      expect((await refund(bought.paymentId)).status).toBe(201);
      expect(await listed()).toEqual([[topUp.id, how]]);
      const reason = 'a lawyer asked to keep it';
      expect((await asAdmin('POST', `/${topUp.id}/refund-due/dismiss`, { reason })).status).toBe(200);
      expect(await listed()).toEqual([]);
      expect(await other.balances()).toMatchObject({ EUR: '10.00' });
      const audited = await one(
        'SELECT reason FROM audit_log WHERE action = $1 AND subject_id = $2',
        'refund.dismissed',
        topUp.id,
      );
      expect(audited).toEqual({ reason });
    },
  );

  it('opens the closed wallets again for money of a refund that failed', async () => {
    const other = await MoneyUser.join(stack);
    const { id } = await other.pay('10.00', 'EUR', 'PNT');
    const before = await other.balances();
    const { body } = await refund(id);
    const { items } = (await stack.call<{ items: { id: string; kind: string }[] }>(other.id, 'GET', '/accounts')).body;
    for (const { id: wallet } of items.filter(({ kind }) => kind === 'wallet')) {
      expect((await stack.call(other.id, 'DELETE', `/accounts/${wallet}`)).status).toBe(200);
    }
    await failAtBank(body.id);
    await eventually(async () => expect(await other.balances()).toMatchObject(before));
  });

  it('takes no success of a refund back because of an older answer', async () => {
    const { id } = await user.pay('10.00', 'EUR');
    const { body } = await refund(id);
    const provider = stack.app.get(PaymentProvider);
    const now = await provider.refundsOf((await payment(id)).intent_id);
    expect(now).toMatchObject([{ status: 'succeeded' }]);
    vi.spyOn(provider, 'refundsOf').mockResolvedValue(now.map((found) => ({ ...found, status: 'pending' })));
    await stack.app.get(SyncRefundsService).sync(id, 'test');
    expect((await refundRow(body.id)).status).toBe('succeeded');
  });

  it('asks for no refund again that the provider made days ago and nobody told of', async () => {
    const other = await MoneyUser.join(stack);
    const { id } = await other.pay('10.00', 'EUR');
    await control.loseWebhooks();
    const cut = { provider: 'stripe', kind: 'api.reset_after_commit', match: 'POST /v1/refunds', times: 3 };
    await control.call('POST', '/faults', cut);
    expect((await refund(id, randomUUID(), '2.00')).status).toBe(503);
    await control.faultsOff();
    // The provider has forgotten our key by then.
    await control.call('POST', '/clock', { advanceSeconds: 25 * 3_600 });
    try {
      await stack.sql.query('UPDATE refunds SET next_check_at = now() WHERE payment_id = $1', [id]);
      await stack.app.get(SweeperService).sweep();
      await eventually(async () => expect(await other.balances()).toMatchObject({ EUR: '8.00' }));
    } finally {
      await control.call('POST', '/clock', { reset: true });
    }
    const made = await stack.app.get(PaymentProvider).refundsOf((await payment(id)).intent_id);
    expect(made).toMatchObject([{ amountMinor: 200n }]);
  });

  it('books every refund that the provider has made, also two of them for one of ours', async () => {
    const other = await MoneyUser.join(stack);
    const { id } = await other.pay('10.00', 'EUR');
    await refund(id, randomUUID(), '2.00');
    const provider = stack.app.get(PaymentProvider);
    const [made] = await provider.refundsOf((await payment(id)).intent_id);
    vi.spyOn(provider, 'refundsOf').mockResolvedValue([made!, { ...made!, id: `re_${randomUUID()}` }]);
    for (let time = 0; time < 2; time++) await stack.app.get(SyncRefundsService).sync(id, 'test');
    expect(await other.balances()).toMatchObject({ EUR: '6.00' });
    expect((await payment(id)).refunded_minor).toBe('400');
  });

  it('holds for a dispute what of its payment has not gone back, and no other money', async () => {
    const other = await MoneyUser.join(stack);
    const { id } = await other.pay('10.00', 'EUR');
    await other.pay('20.00', 'EUR');
    await refund(id, randomUUID(), '4.00');
    const path = `/stripe/payment_intents/${(await payment(id)).intent_id}/dispute`;
    const { id: dispute } = await control.call<{ id: string }>('POST', path, { amount: 1_000 });
    await eventually(async () => expect(await other.held('EUR')).not.toBe('0.00'));
    expect(await other.held('EUR')).toBe('6.00');
    await control.call('POST', `/stripe/disputes/${dispute}/close`, { status: 'lost' });
    await eventually(async () => expect(await other.held('EUR')).toBe('0.00'));
    expect(await other.balances()).toMatchObject({ EUR: '20.00', 'EUR debt': '0.00' });
  });

  it('takes several refunds it hears of at once as if it had heard of each, at the rate of the payment', async () => {
    const other = await MoneyUser.join(stack);
    const { id } = await other.pay('10.01', 'EUR', 'PNT');
    await control.loseWebhooks();
    for (const amount of [333, 333, 335])
      await control.call('POST', `/stripe/payment_intents/${(await payment(id)).intent_id}/refund`, { amount });
    await stack.app.get(SyncRefundsService).sync(id, 'test');
    expect(await other.balances()).toEqual({ EUR: '0.00', PNT: '0.00', 'PNT debt': '0.00' });
  });

  it('takes what a lost dispute has cost when there is something to take again, because a refund failed', async () => {
    const other = await MoneyUser.join(stack);
    const { id } = await other.pay('10.00', 'EUR');
    const { body } = await refund(id);
    const path = `/stripe/payment_intents/${(await payment(id)).intent_id}/dispute`;
    const { id: dispute } = await control.call<{ id: string }>('POST', path);
    await control.call('POST', `/stripe/disputes/${dispute}/close`, { status: 'lost' });
    await eventually(async () => expect((await payment(id)).disputed_minor).toBe('1000'));
    const state = () => one<object>('SELECT state, taken_minor FROM disputes WHERE id = $1', dispute);
    await eventually(async () => expect(await state()).toEqual({ state: 'lost', taken_minor: '0' }));
    await failAtBank(body.id);
    await eventually(async () => expect((await refundRow(body.id)).status).toBe('failed'));
    expect(await state()).toEqual({ state: 'lost', taken_minor: '1000' });
    expect([await other.balances(), (await payment(id)).disputed_minor]).toEqual([
      { EUR: '0.00', 'EUR debt': '0.00' },
      '0',
    ]);
  });

  describe.each(['EUR', 'PNT'])('about a dispute lost for more than was left, paid for %s,', (bought) => {
    /** A payment of which these refunds were made, and perhaps the rest spent, before the bank wanted so many cents of it. */
    async function disputed({
      refunds = [],
      spend = false,
      over = 1_001,
    }: {
      refunds?: string[];
      spend?: boolean;
      over?: number;
    }) {
      const other = await MoneyUser.join(stack);
      const { id } = await other.pay('10.01', 'EUR', bought);
      const full = (await other.balances())[bought]!;
      const made: string[] = [];
      for (const amount of refunds) made.push((await refund(id, randomUUID(), amount)).body.id);
      const spent = (await other.balances())[bought]!;
      if (spend) {
        const order = {
          userId: other.id,
          direction: 'take',
          amount: { amount: spent, currency: bought },
          reason: 'test',
        };
        const done = await stack.call(randomUUID(), 'POST', '/admin/adjustments', order, { roles: ['admin'] });
        expect(done.status).toBe(201);
      }
      const path = `/stripe/payment_intents/${(await payment(id)).intent_id}/dispute`;
      const { id: dispute } = await control.call<{ id: string }>('POST', path, { amount: over });
      const row = () => one<{ state: string; taken_minor: string }>('SELECT * FROM disputes WHERE id = $1', dispute);
      const lose = async () => {
        await control.call('POST', `/stripe/disputes/${dispute}/close`, { status: 'lost' });
        await eventually(async () => expect((await row()).state).toBe('lost'));
      };
      const taken = async () => (await row()).taken_minor;
      const owned = async () => {
        const { [bought]: wallet, [`${bought} debt`]: debt } = await other.balances();
        return [wallet, debt];
      };
      return { id, other, dispute, made, lose, taken, owned, full, spent };
    }

    async function lost(before: Parameters<typeof disputed>[0]) {
      const all = await disputed(before);
      await all.lose();
      return all;
    }

    const failed = async (refundId: string) => {
      await failAtBank(refundId);
      await eventually(async () => expect((await refundRow(refundId)).status).toBe('failed'));
    };

    it('takes the rest once the refund before it fails, and all of it anew as the bank decides anew', async () => {
      const { dispute, made, taken, owned, full } = await lost({ refunds: ['4.00'] });
      expect([await taken(), await owned()]).toEqual(['601', ['0.00', '0.00']]);
      await failed(made[0]!);
      expect([await taken(), await owned()]).toEqual(['1001', ['0.00', '0.00']]);
      const provider = stack.app.get(PaymentProvider);
      const decided = await provider.getDispute(dispute);
      for (const [status, wallet] of [
        ['lost', '0.00'],
        ['won', full],
        ['lost', '0.00'],
        ['won', full],
      ] as const) {
        vi.spyOn(provider, 'getDispute').mockResolvedValue({ ...decided, status });
        for (let time = 0; time < 2; time++) await stack.app.get(SyncDisputeService).sync(dispute, 'test');
        expect(await owned()).toEqual([wallet, '0.00']);
        expect(await faults()).toEqual([]);
      }
    });

    it.each([[[0, 1]], [[1, 0]]])(
      'takes the rest piece by piece as two refunds fail in the order %s',
      async (order) => {
        const { id, dispute, made, taken, owned } = await lost({ refunds: ['3.00', '2.50'] });
        await stack.app.get(SyncDisputeService).sync(dispute, 'test');
        expect(await taken()).toBe('451');
        const notes = `SELECT count(*)::int AS n FROM payment_timeline WHERE payment_id = $1 AND what = 'taking_needs_review'`;
        expect(await one(notes, id)).toEqual({ n: 1 });
        await failed(made[order[0]!]!);
        expect(await taken()).toBe(order[0] === 0 ? '751' : '701');
        expect(await faults()).toEqual([]);
        await failed(made[order[1]!]!);
        expect([await taken(), await owned()]).toEqual(['1001', ['0.00', '0.00']]);
        expect(await faults()).toEqual([]);
      },
    );

    it('takes all of it when the refund before it fails while the bank decides', async () => {
      const { made, lose, taken, owned } = await disputed({ refunds: ['4.00'] });
      await failed(made[0]!);
      await lose();
      expect([await taken(), await owned()]).toEqual(['1001', ['0.00', '0.00']]);
      expect(await faults()).toEqual([]);
    });

    it('takes nothing twice when it hears of a refund after the dispute, and of its failure', async () => {
      const { id, taken, owned, lose } = await disputed({});
      await lose();
      const provider = stack.app.get(PaymentProvider);
      const late = { id: `re_${randomUUID()}`, refundId: null, amountMinor: 400n, failure: null };
      for (const status of ['succeeded', 'failed']) {
        vi.spyOn(provider, 'refundsOf').mockResolvedValue([{ ...late, status }]);
        await stack.app.get(SyncRefundsService).sync(id, 'test');
        expect([await taken(), await owned()]).toEqual(['1001', ['0.00', '0.00']]);
        expect(await faults()).toEqual([]);
      }
    });

    it('takes the rest, and leaves as a debt what had been spent', async () => {
      const { made, taken, owned, spent } = await lost({ refunds: ['4.00'], spend: true });
      expect([await taken(), await owned()]).toEqual(['601', ['0.00', `-${spent}`]]);
      await failed(made[0]!);
      expect([await taken(), await owned()]).toEqual(['1001', ['0.00', `-${spent}`]]);
      expect(await faults()).toEqual([]);
    });

    it('takes no more than what the dispute is over', async () => {
      const { id, dispute, made, taken } = await lost({ refunds: ['6.00'], over: 700 });
      expect(await taken()).toBe('401');
      await failed(made[0]!);
      for (let time = 0; time < 2; time++) {
        const { taken_minor } = await one<{ taken_minor: string }>('SELECT * FROM payments WHERE id = $1', id);
        expect([await taken(), taken_minor, await faults()]).toEqual(['700', '700', []]);
        await stack.app.get(SyncDisputeService).sync(dispute, 'test');
      }
    });

    /** The provider tells, twice, of these refunds made in its dashboard. */
    async function tell(id: string, ...told: { id: string; cents: bigint; status: string }[]): Promise<void> {
      const refunds = told.map(({ cents, ...one }) => ({ ...one, refundId: null, amountMinor: cents, failure: null }));
      vi.spyOn(stack.app.get(PaymentProvider), 'refundsOf').mockResolvedValue(refunds);
      for (let time = 0; time < 2; time++) await stack.app.get(SyncRefundsService).sync(id, 'test');
    }

    /** The bank decides anew, and we hear of it twice. */
    async function decide(dispute: string, status: string): Promise<void> {
      const provider = stack.app.get(PaymentProvider);
      vi.restoreAllMocks();
      const decided = await provider.getDispute(dispute);
      vi.spyOn(provider, 'getDispute').mockResolvedValue({ ...decided, status });
      for (let time = 0; time < 2; time++) await stack.app.get(SyncDisputeService).sync(dispute, 'test');
    }

    /** What the provider's lines and our books say differently about a payment. */
    async function differences(id: string, ...told: { id: string; cents: bigint }[]): Promise<Difference[]> {
      const [ours] = await stack.app.get(ReconciliationRepository).byIntents([(await payment(id)).intent_id]);
      const lines = told.map(({ id: sourceId, cents }) => ({
        id: sourceId,
        kind: 'refund' as const,
        sourceId,
        intentId: ours!.intentId,
        paymentId: id,
        amountMinor: -cents,
        currency: 'EUR',
        createdAt: new Date(),
      }));
      return compareLines(lines, new Map([[ours!.intentId, ours!]]));
    }

    /** What is left of a credit after so many of its cents went back, in our favour. */
    function less(full: string, cents: bigint): string {
      const credited = BigInt(full.replace('.', ''));
      const left = String(credited - (credited * cents + 1_000n) / 1_001n).padStart(3, '0');
      return `${left.slice(0, -2)}.${left.slice(-2)}`;
    }

    it.each([
      { over: 1_001, cents: 400n, statuses: ['succeeded'], what: 'refunded in part' },
      { over: 1_001, cents: 400n, statuses: ['pending', 'succeeded'], what: 'refunded in part, slowly' },
      { over: 1_001, cents: 1_001n, statuses: ['succeeded'], what: 'refunded in whole' },
      { over: 700, cents: 400n, statuses: ['succeeded'], what: 'refunded for more than was left' },
    ])(
      'takes what was $what after a dispute over $over was lost, once it is won',
      async ({ over, cents, statuses }) => {
        const { id, dispute, owned, full } = await lost({ over });
        const one = { id: `re_${randomUUID()}`, cents };
        for (const status of statuses) await tell(id, { ...one, status });
        const room = BigInt(1_001 - over);
        const short = await owned();
        expect(short).toEqual([less(full, BigInt(over) + (room < cents ? room : cents)), '0.00']);
        for (const status of ['won', 'lost', 'won']) {
          await decide(dispute, status);
          expect(await owned()).toEqual(status === 'won' ? [less(full, cents), '0.00'] : short);
          expect(await faults()).toEqual([]);
        }
        expect(await differences(id, one)).toEqual([]);
        await tell(id, { ...one, status: 'failed' });
        expect(await owned()).toEqual([full, '0.00']);
        expect(await faults()).toEqual([]);
      },
    );

    it('keeps taking what was refunded before the dispute was lost and won, and no more', async () => {
      const { id, dispute, lose, owned, full } = await disputed({});
      const one = { id: `re_${randomUUID()}`, cents: 400n };
      await tell(id, { ...one, status: 'pending' });
      await lose();
      await tell(id, { ...one, status: 'succeeded' });
      await decide(dispute, 'won');
      expect([await owned(), await faults()]).toEqual([[less(full, 400n), '0.00'], []]);
      expect(await differences(id, one)).toEqual([]);
    });

    it('takes two refunds that found nothing left, but none of them that failed', async () => {
      const { id, dispute, owned, full } = await lost({});
      const three = [300n, 200n, 100n].map((cents) => ({ id: `re_${randomUUID()}`, cents, status: 'succeeded' }));
      await tell(id, ...three);
      await tell(id, ...three.map((one) => ({ ...one, status: one.cents === 200n ? 'failed' : one.status })));
      await decide(dispute, 'won');
      expect([await owned(), await faults()]).toEqual([[less(full, 400n), '0.00'], []]);
      expect(await differences(id, three[0]!, three[2]!)).toEqual([]);
    });

    it('gives back what a refund took for less than it was over, once it fails, and never takes it again', async () => {
      const { id, dispute, owned, taken, full } = await lost({ over: 700 });
      const one = { id: `re_${randomUUID()}`, cents: 400n };
      await tell(id, { ...one, status: 'succeeded' });
      await tell(id, { ...one, status: 'failed' });
      expect([await owned(), await taken(), await faults()]).toEqual([[less(full, 700n), '0.00'], '700', []]);
      await decide(dispute, 'won');
      expect([await owned(), await faults()]).toEqual([[full, '0.00'], []]);
    });

    it('takes nothing for a refund that the provider has not made yet when a lost dispute is won', async () => {
      const { id, dispute, owned, full } = await lost({});
      await stack.sql.query(
        `INSERT INTO refunds (id, payment_id, amount_minor, status, reason, requested_by, client_key)
         VALUES (gen_random_uuid(), $1, 400, 'requested', 'test', $2, 'test')`,
        [id, admin],
      );
      await decide(dispute, 'won');
      expect([await owned(), await faults()]).toEqual([[full, '0.00'], []]);
    });

    it('leaves as a debt what of a refund had been spent, once the dispute before it is won', async () => {
      const { id, dispute, owned, full, spent } = await lost({ spend: true });
      await tell(id, { id: `re_${randomUUID()}`, cents: 400n, status: 'succeeded' });
      expect(await owned()).toEqual(['0.00', `-${spent}`]);
      await decide(dispute, 'won');
      const [kept, owes] = [less(full, 400n), (await owned())[1]!].map((text) => Number(text.replace('.', '')));
      expect([(await owned())[0], kept! - owes!]).toEqual(['0.00', Number(full.replace('.', ''))]);
      expect(await faults()).toEqual([]);
    });

    it('leaves other money alone when it takes the rest', async () => {
      const { other, made, owned } = await lost({ refunds: ['4.00'] });
      await other.pay('1.00', 'EUR', bought);
      const [wallet] = await owned();
      await failed(made[0]!);
      expect(await owned()).toEqual([wallet, '0.00']);
      expect(await faults()).toEqual([]);
    });
  });

  it('takes all of a subscription whose dispute was lost for more than was left, once the refund before it fails', async () => {
    const other = await MoneyUser.join(stack);
    const order = { planId: DEMO_PLANS[0]!.id, currency: 'EUR', payWith: 'card' };
    const { body: bought } = await stack.call<{ paymentId: string; checkoutUrl: string }>(
      other.id,
      'POST',
      '/subscriptions/checkout',
      order,
    );
    await stack.sandbox.pay(bought.checkoutUrl);
    const id = bought.paymentId;
    await eventually(async () => expect((await payment(id)).status).toBe('succeeded'));
    const { body } = await refund(id, randomUUID(), '1.00');
    const path = `/stripe/payment_intents/${(await payment(id)).intent_id}/dispute`;
    const { id: dispute } = await control.call<{ id: string }>('POST', path);
    await control.call('POST', `/stripe/disputes/${dispute}/close`, { status: 'lost' });
    const books = async () =>
      one<object>(
        `SELECT state, p.amount_minor - p.taken_minor AS kept, d.taken_minor = d.amount_minor AS whole,
                (SELECT refunded_minor = paid_minor FROM subscription_periods WHERE payment_id = p.id) AS revoked
           FROM payments p JOIN disputes d ON d.payment_id = p.id WHERE p.id = $1`,
        id,
      );
    await eventually(async () => expect(await books()).toMatchObject({ state: 'lost', kept: '0', whole: false }));
    await failAtBank(body.id);
    await eventually(async () => expect((await refundRow(body.id)).status).toBe('failed'));
    expect(await books()).toEqual({ state: 'lost', kept: '0', whole: true, revoked: true });
    expect((await stack.call(other.id, 'GET', '/entitlements/me')).body).toMatchObject({ items: [] });
    const provider = stack.app.get(PaymentProvider);
    const decided = await provider.getDispute(dispute);
    vi.spyOn(provider, 'getDispute').mockResolvedValue({ ...decided, status: 'won' });
    await stack.app.get(SyncDisputeService).sync(dispute, 'test');
    expect(await books()).toMatchObject({ state: 'won', revoked: false });
    expect((await stack.call(other.id, 'GET', '/entitlements/me')).body).not.toMatchObject({ items: [] });
    expect(await faults()).toEqual([]);
  });

  it('takes a refund out of a subscription that found nothing left, once the lost dispute before it is won', async () => {
    const other = await MoneyUser.join(stack);
    const order = { planId: DEMO_PLANS[0]!.id, currency: 'EUR', payWith: 'card' };
    const { body: bought } = await stack.call<{ paymentId: string; checkoutUrl: string }>(
      other.id,
      'POST',
      '/subscriptions/checkout',
      order,
    );
    await stack.sandbox.pay(bought.checkoutUrl);
    const id = bought.paymentId;
    await eventually(async () => expect((await payment(id)).status).toBe('succeeded'));
    const path = `/stripe/payment_intents/${(await payment(id)).intent_id}/dispute`;
    const { id: dispute } = await control.call<{ id: string }>('POST', path);
    await control.call('POST', `/stripe/disputes/${dispute}/close`, { status: 'lost' });
    const books = async () =>
      one<object>(
        `SELECT d.state, p.taken_minor, p.clawed_minor, s.refunded_minor, s.status = 'revoked' AS revoked
           FROM payments p JOIN disputes d ON d.payment_id = p.id JOIN subscription_periods s ON s.payment_id = p.id WHERE p.id = $1`,
        id,
      );
    await eventually(async () => expect(await books()).toMatchObject({ state: 'lost', revoked: true }));
    const provider = stack.app.get(PaymentProvider);
    const late = { id: `re_${randomUUID()}`, refundId: null, amountMinor: 1n, status: 'succeeded', failure: null };
    vi.spyOn(provider, 'refundsOf').mockResolvedValue([late]);
    await stack.app.get(SyncRefundsService).sync(id, 'test');
    expect(await books()).toMatchObject({ revoked: true });
    const decided = await provider.getDispute(dispute);
    vi.spyOn(provider, 'getDispute').mockResolvedValue({ ...decided, status: 'won' });
    for (let time = 0; time < 2; time++) await stack.app.get(SyncDisputeService).sync(dispute, 'test');
    const [taken_minor, clawed_minor, refunded_minor] = ['1', '1', '1'];
    expect(await books()).toMatchObject({ state: 'won', taken_minor, clawed_minor, refunded_minor });
    expect(await faults()).toEqual([]);
  });

  it('counts no refund out again because of an older answer', async () => {
    const { id } = await user.pay('10.00', 'EUR');
    const intentId = (await payment(id)).intent_id;
    const provider = stack.app.get(PaymentProvider);
    const before = await provider.refundsOf(intentId);
    await control.call('POST', `/stripe/payment_intents/${intentId}/refund`, { amount: 250 });
    await eventually(async () => expect((await payment(id)).refunded_minor).toBe('250'));
    const looks = vi.spyOn(provider, 'refundsOf').mockResolvedValue(before);
    await stack.app.get(SyncRefundsService).sync(id, 'test');
    expect((await payment(id)).refunded_minor).toBe('250');
    looks.mockRestore();
    const [made] = await provider.refundsOf(intentId);
    await control.call('POST', `/stripe/refunds/${made!.id}/fail`);
    await eventually(async () => expect((await payment(id)).refunded_minor).toBe('0'));
    vi.spyOn(provider, 'refundsOf').mockResolvedValue([made!]);
    await stack.app.get(SyncRefundsService).sync(id, 'test');
    expect((await payment(id)).refunded_minor).toBe('0');
  });

  it('opens no decided dispute again because of an older answer', async () => {
    const other = await MoneyUser.join(stack);
    const { id } = await other.pay('10.00', 'EUR');
    const path = `/stripe/payment_intents/${(await payment(id)).intent_id}/dispute`;
    const { id: dispute } = await control.call<{ id: string }>('POST', path);
    const state = async () =>
      (await one<{ state: string }>('SELECT state FROM disputes WHERE id = $1', dispute))?.state;
    await eventually(async () => expect(await state()).toBe('open'));
    const provider = stack.app.get(PaymentProvider);
    const old = await provider.getDispute(dispute);
    const looks = vi.spyOn(provider, 'getDispute').mockResolvedValue({ ...old, status: 'warning_needs_response' });
    await stack.app.get(SyncDisputeService).sync(dispute, 'test');
    expect([await state(), (await payment(id)).disputed_minor]).toEqual(['open', '1000']);
    looks.mockRestore();
    await control.call('POST', `/stripe/disputes/${dispute}/close`, { status: 'won' });
    await eventually(async () => expect(await other.held('EUR')).toBe('0.00'));
    vi.spyOn(provider, 'getDispute').mockResolvedValue(old);
    await stack.app.get(SyncDisputeService).sync(dispute, 'test');
    expect(await state()).toBe('won');
    expect([await other.held('EUR'), (await payment(id)).disputed_minor]).toEqual(['0.00', '0']);
  });

  it('looks at an undecided dispute daily, and lets the money go when nobody told that it was won', async () => {
    const other = await MoneyUser.join(stack);
    const { id } = await other.pay('10.00', 'EUR');
    const path = `/stripe/payment_intents/${(await payment(id)).intent_id}/dispute`;
    const { id: dispute } = await control.call<{ id: string }>('POST', path);
    await eventually(async () => expect(await other.held('EUR')).toBe('10.00'));
    await control.loseWebhooks();
    await control.call('POST', `/stripe/disputes/${dispute}/close`, { status: 'won' });
    const hours = async () =>
      (
        await one<{ hours: number | null }>(
          'SELECT round(extract(epoch FROM next_check_at - now()) / 3600)::int AS hours FROM disputes WHERE id = $1',
          dispute,
        )
      ).hours;
    const due = () => stack.sql.query('UPDATE disputes SET next_check_at = now() WHERE id = $1', [dispute]);
    expect(await hours()).toBe(24);
    const looks = vi.spyOn(stack.app.get(PaymentProvider), 'getDispute').mockRejectedValue(new Error('away'));
    await due();
    await eventually(async () => expect(looks).toHaveBeenCalledWith(dispute));
    expect([await hours(), await other.held('EUR')]).toEqual([1, '10.00']);
    looks.mockRestore();
    await due();
    await eventually(async () => expect(await other.held('EUR')).toBe('0.00'));
    expect([await hours(), (await payment(id)).disputed_minor]).toEqual([null, '0']);
  });

  it('takes what a dispute over a part has cost once, and gives it back and takes it again as it is decided anew', async () => {
    const other = await MoneyUser.join(stack);
    const { id } = await other.pay('10.00', 'EUR');
    const path = `/stripe/payment_intents/${(await payment(id)).intent_id}/dispute`;
    const { id: dispute } = await control.call<{ id: string }>('POST', path, { amount: 400 });
    await control.call('POST', `/stripe/disputes/${dispute}/close`, { status: 'lost' });
    await eventually(async () => expect(await other.balances()).toMatchObject({ EUR: '6.00' }));
    const provider = stack.app.get(PaymentProvider);
    const decided = await provider.getDispute(dispute);
    for (const [status, balance] of [
      ['lost', '6.00'],
      ['won', '10.00'],
      ['lost', '6.00'],
      ['won', '10.00'],
    ] as const) {
      vi.spyOn(provider, 'getDispute').mockResolvedValue({ ...decided, status });
      for (let time = 0; time < 2; time++) await stack.app.get(SyncDisputeService).sync(dispute, 'test');
      expect(await other.balances()).toEqual({ EUR: balance, 'EUR debt': '0.00' });
      expect(await other.held('EUR')).toBe('0.00');
    }
  });

  it.each(['expired', 'failed'])(
    'credits what was quoted when it hears long after the offer %s that the money came in time',
    async (status) => {
      const other = await MoneyUser.join(stack);
      const quote = await other.quote('10.00', 'EUR', 'PNT');
      await control.loseWebhooks();
      const { id, checkoutUrl } = await other.begin({ quoteId: quote.id });
      await stack.sandbox.pay(checkoutUrl);
      const long = `expires_at = now() - interval '2 hours'`;
      await stack.sql.query(`UPDATE payments SET status = $2, next_check_at = NULL, ${long} WHERE id = $1`, [
        id,
        status,
      ]);
      await stack.sql.query(`UPDATE quotes SET ${long} WHERE id = $1`, [quote.id]);
      await control.faultsOff();
      await control.call('POST', '/stripe/events/replay', { type: 'checkout.session.completed' });
      await other.settled(id);
      expect(await other.balances()).toEqual({ EUR: '0.00', PNT: quote.amountOut.amount });
    },
  );

  it('knows its payment by name when it comes before the session is written down', async () => {
    const other = await MoneyUser.join(stack);
    const { id, checkoutUrl } = await other.begin({ amount: { amount: '5.00', currency: 'EUR' } });
    await stack.sql.query(
      `UPDATE payments SET status = 'created', session_id = NULL, session_url = NULL, next_check_at = NULL WHERE id = $1`,
      [id],
    );
    await stack.sandbox.pay(checkoutUrl);
    await other.settled(id);
    expect(await other.balances()).toEqual({ EUR: '5.00' });
  });

  it('credits a payment it first hears of by its refund, and takes that back', async () => {
    const other = await MoneyUser.join(stack);
    const { id, checkoutUrl } = await other.begin({ amount: { amount: '10.00', currency: 'EUR' } });
    await stack.sql.query('UPDATE payments SET next_check_at = NULL WHERE id = $1', [id]);
    await control.loseWebhooks();
    await stack.sandbox.pay(checkoutUrl);
    await control.faultsOff();
    expect(await payment(id)).toMatchObject({ status: 'session_open', intent_id: null });
    const { intentId } = await stack.app.get(PaymentProvider).getSession((await payment(id)).session_id);
    await control.call('POST', `/stripe/payment_intents/${intentId}/refund`, { amount: 250 });
    await other.settled(id);
    await eventually(async () => expect(await other.balances()).toMatchObject({ EUR: '7.50' }));
  });

  it('leaves a payment open when the provider answers with something that is no session', async () => {
    const other = await MoneyUser.join(stack);
    const { id, checkoutUrl } = await other.begin({ amount: { amount: '10.00', currency: 'EUR' } });
    const { session_id: session } = await payment(id);
    await control.call('POST', '/faults', {
      provider: 'stripe',
      kind: 'api.errorless_404',
      match: `GET /v1/checkout/sessions/${session}`,
    });
    await expect(stack.app.get(SettlePaymentService).settle(id, 'test')).rejects.toThrow(UnavailableError);
    expect(await payment(id)).toMatchObject({ status: 'session_open' });
    await control.faultsOff();
    await stack.sandbox.pay(checkoutUrl);
    await other.settled(id);
  });

  it.each<Partial<CheckoutSession>>([
    { status: 'expired', paymentStatus: 'unpaid' },
    { status: 'complete', paymentStatus: 'unpaid', intentStatus: 'processing' },
    { status: 'complete', paymentStatus: 'unpaid', intentStatus: 'requires_payment_method' },
    { amountMinor: 1n },
  ])('moves no payment back because of an older answer: %o', async (older) => {
    const { id, checkoutUrl } = await user.begin({ amount: { amount: '5.00', currency: 'EUR' } });
    const provider = stack.app.get(PaymentProvider);
    const open = await provider.getSession((await payment(id)).session_id);
    vi.spyOn(provider, 'getSession').mockImplementationOnce(async () => {
      await stack.sandbox.pay(checkoutUrl);
      await user.settled(id);
      return { ...open, ...older };
    });
    expect((await stack.app.get(SettlePaymentService).settle(id, 'test')).status).toBe('succeeded');
    expect((await payment(id)).status).toBe('succeeded');
  });

  it('keeps nothing back for a mere warning of the bank, and holds the money once it becomes a dispute', async () => {
    const other = await MoneyUser.join(stack);
    const { id } = await other.pay('10.00', 'EUR');
    const provider = stack.app.get(PaymentProvider);
    const asItIs = provider.getDispute.bind(provider);
    const looks = vi
      .spyOn(provider, 'getDispute')
      .mockImplementation(async (dispute) => ({ ...(await asItIs(dispute)), status: 'warning_needs_response' }));
    const path = `/stripe/payment_intents/${(await payment(id)).intent_id}/dispute`;
    const { id: dispute } = await control.call<{ id: string }>('POST', path);
    const state = async () =>
      (await one<{ state: string }>('SELECT state FROM disputes WHERE id = $1', dispute))?.state;
    await eventually(async () => expect(await state()).toBe('warning'));
    expect([await other.held('EUR'), (await payment(id)).disputed_minor]).toEqual(['0.00', '0']);
    expect(await other.balances()).toEqual({ EUR: '10.00' });
    looks.mockRestore();
    await stack.app.get(SyncDisputeService).sync(dispute, 'test');
    expect([await state(), await other.held('EUR')]).toEqual(['open', '10.00']);
  });

  it('refuses a key that was used for the same order upon another payment', async () => {
    const [first, second] = [await user.pay('5.00', 'EUR'), await user.pay('5.00', 'EUR')];
    const key = randomUUID();
    expect((await refund(first.id, key)).status).toBe(201);
    expect(await refund(second.id, key)).toMatchObject({ status: 422, body: { code: 'idempotency.key_reused' } });
    expect((await refund(second.id)).status).toBe(201);
  });
});
