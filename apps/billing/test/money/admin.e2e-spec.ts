import { randomBytes, randomUUID } from 'node:crypto';
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { sealSecret } from '#libs/contracts';
import { testStores } from '#libs/testing';
import { BillingConfig } from '../../src/billing.config.js';
import { SettlePaymentService } from '../../src/payments/settle-payment.service.js';
import { ReconciliationProcessor } from '../../src/reconciliation/reconciliation.processor.js';
import { FOLLOW_USERS } from '../../src/users/users.consumer.js';
import { BillingStack } from '../subscriptions/billing-stack.js';
import { Control } from './control.js';
import { MoneyUser, type Problem, type Quote } from './money-user.js';

interface Report {
  ok: boolean;
  healed: string[];
  differences: { what: string; subject: string }[];
  moved: { provider: Record<string, string> };
}
interface RateFetch {
  id: string;
  status: string;
  fault: string;
}
interface Adjustment {
  id: string;
  status: string;
  requestedBy: string;
}

describe('an administrator', () => {
  let stack: BillingStack;
  let control: Control;
  const [admin, second] = [randomUUID(), randomUUID()];
  beforeAll(async () => {
    stack = await BillingStack.startWithRates();
    control = new Control(stack.sandbox.controlUrl);
  });
  afterEach(() => control.faultsOff());
  afterAll(() => stack?.stop());

  const as = <T>(actor: string, method: string, path: string, body?: object) =>
    stack.call<T>(actor, method, `/admin${path}`, body, { roles: ['admin'] });

  const audited = async (action: string): Promise<number> =>
    Number((await stack.sql.query('SELECT count(*) FROM audit_log WHERE action = $1', [action])).rows[0].count);

  describe('compares the books with the provider and', () => {
    const reconcile = (): Promise<{ status: number; body: Report }> =>
      as<Report>(admin, 'POST', '/reconciliations', {
        from: new Date(Date.now() - 3_600_000),
        to: new Date(Date.now() + 60_000),
      });

    it('finds them equal after payments, refunds and disputes', async () => {
      const user = await MoneyUser.join(stack);
      const [first, other] = [await user.pay('10.00', 'EUR'), await user.pay('5.00', 'EUR', 'PNT')];
      await as(admin, 'POST', `/payments/${first.id}/refunds`, { reason: 'goodwill' });
      const { rows } = await stack.sql.query('SELECT intent_id FROM payments WHERE id = $1', [other.id]);
      await control.call('POST', `/stripe/payment_intents/${rows[0].intent_id}/dispute`);
      await vi.waitUntil(async () => (await stack.sql.query('SELECT 1 FROM disputes')).rowCount === 1, {
        timeout: 15_000,
      });
      expect((await reconcile()).body).toMatchObject({ ok: true, differences: [], healed: [] });
    });

    it('credits what was captured and never told about', async () => {
      const user = await MoneyUser.join(stack);
      await control.loseWebhooks();
      const topUp = await user.begin({ amount: { amount: '8.00', currency: 'EUR' } });
      await stack.sql.query(`UPDATE payments SET next_check_at = now() + interval '1 day' WHERE id = $1`, [topUp.id]);
      await stack.sandbox.pay(topUp.checkoutUrl);
      const before = await audited('reconciliation.requested');
      expect((await reconcile()).body).toMatchObject({ ok: true, healed: [topUp.id] });
      expect(await user.balances()).toEqual({ EUR: '8.00' });
      expect(await audited('reconciliation.requested')).toBe(before + 1);
      const { body } = await as<{ timeline: object[] }>(admin, 'GET', `/payments/${topUp.id}`);
      expect(body.timeline).toMatchObject([{ what: 'settled', actor: `reconciliation by ${admin}` }]);
    });

    it('finds them equal when the provider settles in another currency', async () => {
      const settle = (body: object) => control.call('POST', '/stripe/settlements', { from: 'eur', ...body });
      await settle({ currency: 'usd', rate: 1.234 });
      const user = await MoneyUser.join(stack);
      const [first, other] = [await user.pay('10.00', 'EUR'), await user.pay('5.00', 'EUR')];
      await as(admin, 'POST', `/payments/${first.id}/refunds`, { reason: 'goodwill' });
      const { rows } = await stack.sql.query('SELECT intent_id FROM payments WHERE id = $1', [other.id]);
      const disputed = await control.call('POST', `/stripe/payment_intents/${rows[0].intent_id}/dispute`);
      const isKnown = async () =>
        (await stack.sql.query('SELECT 1 FROM disputes WHERE id = $1', [disputed['id']])).rowCount === 1;
      await vi.waitUntil(isKnown, { timeout: 15_000 });
      const { body } = await reconcile();
      expect(body).toMatchObject({ ok: true, differences: [] });
      expect(Object.keys(body.moved.provider)).toEqual(['EUR']);
      await settle({ currency: 'eur' });
    });

    it('finds the capture of long before of what was credited late', async () => {
      const user = await MoneyUser.join(stack);
      await control.loseWebhooks();
      const topUp = await user.begin({ amount: { amount: '8.00', currency: 'EUR' } });
      const hours = `created_at - interval '6 hours'`;
      await stack.sql.query(`UPDATE payments SET created_at = ${hours}, next_check_at = NULL WHERE id = $1`, [
        topUp.id,
      ]);
      await control.call('POST', '/clock', { advanceSeconds: -5 * 3_600 });
      await stack.sandbox.pay(topUp.checkoutUrl);
      await control.call('POST', '/clock', { reset: true });
      await stack.app.get(SettlePaymentService).settle(topUp.id, 'test');
      expect(await user.balances()).toEqual({ EUR: '8.00' });
      expect((await reconcile()).body).toMatchObject({ ok: true, differences: [], healed: [] });
    });

    it('makes up for each night in which nobody did, and for no other', async () => {
      await stack.sql.query('TRUNCATE reconciliations');
      const nightly = () => stack.app.get(ReconciliationProcessor).reconcileDays();
      expect([await nightly(), await nightly()]).toEqual([7, 0]);
      await stack.sql.query(
        `DELETE FROM reconciliations WHERE from_at = date_trunc('day', now(), 'UTC') - interval '3 days'`,
      );
      // Compared before it was over, a day is not compared.
      await stack.sql.query(
        `UPDATE reconciliations SET made_at = to_at - interval '1 s' WHERE from_at < now() - interval '7 days'`,
      );
      expect([await nightly(), await nightly()]).toEqual([2, 0]);
    });

    it('hears within the hour what nobody could tell it for weeks', async () => {
      const user = await MoneyUser.join(stack);
      const { id } = await user.pay('9.00', 'EUR');
      const { rows } = await stack.sql.query('SELECT intent_id FROM payments WHERE id = $1', [id]);
      await control.loseWebhooks();
      await control.call('POST', '/clock', { advanceSeconds: -29 * 86_400 });
      await control.call('POST', `/stripe/payment_intents/${rows[0].intent_id}/refund`, { amount: 250 });
      await control.call('POST', '/clock', { reset: true });
      expect(await user.balances()).toEqual({ EUR: '9.00' });
      await stack.app.get(ReconciliationProcessor).fetchUndelivered();
      await vi.waitFor(async () => expect(await user.balances()).toMatchObject({ EUR: '6.50' }), { timeout: 15_000 });
      expect(await stack.app.get(ReconciliationProcessor).fetchUndelivered()).toBe(0);
    });

    it('names a credit without a capture', async () => {
      const user = await MoneyUser.join(stack);
      const { id } = await user.pay('6.00', 'EUR');
      await stack.sql.query(`UPDATE payments SET intent_id = 'pi_made_up' WHERE id = $1`, [id]);
      const { body } = await reconcile();
      expect(body.differences.map(({ what }) => what).toSorted()).toEqual([
        'captured_not_ours',
        'credited_not_captured',
      ]);
      const { body: reports } = await as<{ items: { ok: boolean }[] }>(admin, 'GET', '/reconciliations');
      expect(reports.items[0]).toMatchObject({ ok: false });
      await stack.sql.query("UPDATE payments SET settled_at = now() - interval '2 hours' WHERE id = $1", [id]);
    });
  });

  it("sees a payment's whole story and can have it settled again", async () => {
    const user = await MoneyUser.join(stack);
    await control.loseWebhooks();
    const topUp = await user.begin({ amount: { amount: '8.00', currency: 'EUR' } });
    await stack.sandbox.pay(topUp.checkoutUrl);
    const retried = await as<{ status: string }>(admin, 'POST', `/payments/${topUp.id}/retry`);
    expect(retried).toMatchObject({ status: 200, body: { status: 'succeeded' } });
    const { body } = await as<{ timeline: { what: string; actor: string }[] }>(admin, 'GET', `/payments/${topUp.id}`);
    expect(body.timeline).toMatchObject([{ what: 'settled', actor: `admin ${admin}` }]);
    const { body: found } = await as<{ items: { id: string }[] }>(admin, 'GET', `/payments?userId=${user.id}`);
    expect(found.items.map((payment) => payment.id)).toEqual([topUp.id]);
    expect(await audited('payment.retried')).toBe(1);
  });

  it('writes down who looks at the payments of a user, and not who looks for payments to work on', async () => {
    const user = await MoneyUser.join(stack);
    const { id } = await user.pay('3.00', 'EUR');
    for (const path of [`?userId=${user.id}`, `/${id}`, `/${id}/refunds`, '?limit=5', `/${randomUUID()}`])
      await as(second, 'GET', `/payments${path}`);
    const { rows } = await stack.sql.query(
      "SELECT action, subject_type, subject_id, details FROM audit_log WHERE actor = $1 AND action LIKE '%.viewed' ORDER BY id",
      [second],
    );
    const person = { subject_type: 'user', subject_id: user.id };
    expect(rows).toEqual([
      { action: 'payments.viewed', ...person, details: {} },
      { action: 'payment.viewed', ...person, details: { paymentId: id } },
      { action: 'refunds.viewed', ...person, details: { paymentId: id } },
    ]);
  });

  it('puts a message of the provider that failed too often back to work', async () => {
    const id = `evt_${randomUUID()}`;
    await stack.sql.query(
      `INSERT INTO provider_events (id, type, object_id, payload, created_at, status, attempts)
       VALUES ($1, 'checkout.session.completed', 'cs_none', $2, now(), 'dead', 8)`,
      [
        id,
        JSON.stringify({
          id,
          type: 'checkout.session.completed',
          objectId: 'cs_none',
          paymentId: null,
          intentId: null,
        }),
      ],
    );
    const { body } = await as<{ items: { id: string }[] }>(admin, 'GET', '/provider-events');
    expect(body.items.map((event) => event.id)).toEqual([id]);
    expect((await as(admin, 'POST', `/provider-events/${id}/retry`)).status).toBe(204);
    expect((await as(admin, 'POST', `/provider-events/${id}/retry`)).status).toBe(404);
    expect((await stack.sql.query('SELECT status FROM provider_events WHERE id = $1', [id])).rows).toEqual([
      { status: 'ignored' },
    ]);
  });

  it('decides about rates in quarantine, and until then conversions use the last good ones', async () => {
    const user = await MoneyUser.join(stack);
    const before = await user.quote('10.00', 'USD', 'RUB');
    await control.call('POST', '/faults', { provider: 'fx', kind: 'jump', match: '/v6/*' });
    // A source that publishes the same moment again says nothing new; these rates are for the next day.
    await stack.sql.query('ALTER TABLE rate_sets DISABLE TRIGGER USER');
    await stack.sql.query(`UPDATE rate_sets SET published_at = published_at - interval '1 hour'`);
    await stack.sql.query('ALTER TABLE rate_sets ENABLE TRIGGER USER');
    expect((await as<{ status: string }>(admin, 'POST', '/rates/fetch')).body).toEqual({ status: 'quarantined' });
    expect(await audited('rates.fetched')).toBe(1);
    expect((await user.quote('10.00', 'USD', 'RUB')).amountOut).toEqual(before.amountOut);
    const { body } = await as<{ items: RateFetch[] }>(admin, 'GET', '/rates/fetches?status=quarantined');
    expect(body.items).toMatchObject([{ fault: 'RUB moved by 900.00 %' }]);
    const decision = { decision: 'accepted', reason: 'confirmed by the central bank' };
    expect((await as(admin, 'POST', `/rates/fetches/${body.items[0]!.id}/decision`, decision)).status).toBe(204);
    expect((await as(admin, 'POST', `/rates/fetches/${body.items[0]!.id}/decision`, decision)).status).toBe(404);
    const beyond = '/rates/fetches/99999999999999999999/decision';
    expect(await as(admin, 'POST', beyond, decision)).toMatchObject({
      status: 404,
      body: { code: 'rates.nothing_to_decide' },
    });
    const after = await user.quote('10.00', 'USD', 'RUB');
    expect(Number(after.amountOut.amount)).toBeGreaterThan(9 * Number(before.amountOut.amount));
    expect(await audited('rates.accepted')).toBe(1);
  });

  it('sets the price of points: what was quoted keeps the old price, what is quoted later has the new one', async () => {
    const user = await MoneyUser.join(stack);
    const old = await user.quote('10.00', 'USD', 'PNT');
    const price = { pointsPerUsd: '25', reason: 'spring campaign' };
    expect((await as(admin, 'POST', '/point-price', price)).status).toBe(201);
    expect((await user.quote('10.00', 'USD', 'PNT')).amountOut).toEqual({ amount: '247.50', currency: 'PNT' });
    const { body } = await stack.call<Quote>(user.id, 'GET', `/quotes/${old.id}`);
    expect(body.amountOut).toEqual({ amount: '495.00', currency: 'PNT' });
    const past = { ...price, effectiveFrom: new Date(Date.now() - 60_000) };
    expect(await as<Problem>(admin, 'POST', '/point-price', past)).toMatchObject({ status: 422 });
    for (const pointsPerUsd of ['0', '-5', '1e3', 'NaN', '0.000'])
      expect((await as(admin, 'POST', '/point-price', { ...price, pointsPerUsd })).status).toBe(422);
  });

  it('corrects small amounts alone and large ones only with a second pair of eyes', async () => {
    const user = await MoneyUser.join(stack);
    const adjust = (amount: string, direction = 'give') =>
      as<Adjustment & Problem>(admin, 'POST', '/adjustments', {
        userId: user.id,
        direction,
        reason: 'lost in the migration',
        amount: { amount, currency: 'USD' },
      });
    expect((await adjust('100.00')).body).toMatchObject({ status: 'posted' });
    expect((await adjust('200.00', 'take')).body.status).toBe('waiting');
    expect((await adjust('100.01', 'take')).body.status).toBe('waiting');
    expect((await adjust('100.00', 'take')).body.status).toBe('posted');
    expect(await adjust('0.01', 'take')).toMatchObject({ status: 402, body: { code: 'account.insufficient_funds' } });
    const { body: large } = await adjust('100.01');
    expect(large.status).toBe('waiting');
    expect((await as(admin, 'POST', `/adjustments/${large.id}/approve`)).status).toBe(403);
    const decisions = await Promise.all([
      as(second, 'POST', `/adjustments/${large.id}/approve`),
      as(second, 'POST', `/adjustments/${large.id}/approve`),
    ]);
    expect(new Set(decisions.map((decision) => decision.status))).toEqual(new Set([200, 404]));
    expect(await user.balances()).toEqual({ USD: '100.01' });
    expect(await audited('adjustment.approved')).toBe(1);
  });

  it('wants a second pair of eyes for what is large in sum, however many pieces of it are asked for at once', async () => {
    const [user, busy] = [await MoneyUser.join(stack), randomUUID()];
    const adjust = (actor: string, currency: string, amount: string, direction = 'give') =>
      as<Adjustment>(actor, 'POST', '/adjustments', {
        userId: user.id,
        direction,
        reason: 'lost in the migration',
        amount: { amount, currency },
      });
    const pieces = await Promise.all(Array.from({ length: 12 }, () => adjust(busy, 'USD', '90.00')));
    expect(pieces.map(({ body }) => body.status).filter((status) => status === 'posted')).toHaveLength(5);
    expect((await adjust(busy, 'USD', '50.00', 'take')).body.status).toBe('posted');
    for (const currency of ['USD', 'EUR', 'PNT'])
      expect((await adjust(busy, currency, '1.00')).body.status).toBe('waiting');
    expect((await adjust(admin, 'USD', '1.00')).body.status).toBe('posted');
    await stack.sql.query(
      `UPDATE adjustments SET requested_at = now() - interval '24 hours' WHERE requested_by = $1 AND amount_minor < 0`,
      [busy],
    );
    expect((await adjust(busy, 'USD', '50.01')).body.status).toBe('waiting');
    expect((await adjust(busy, 'USD', '50.00')).body.status).toBe('posted');
  });

  it('lets no administrator decide about money of their own', async () => {
    const [own, theirs] = [await MoneyUser.join(stack), await MoneyUser.join(stack)];
    const adjust = (actor: string, amount: string) =>
      as<Adjustment & Problem>(actor, 'POST', '/adjustments', {
        userId: own.id,
        direction: 'give',
        reason: 'lost in the migration',
        amount: { amount, currency: 'USD' },
      });
    const approve = (actor: string, id: string) =>
      as<Adjustment & Problem>(actor, 'POST', `/adjustments/${id}/approve`);
    const { body: small } = await adjust(own.id, '0.01');
    expect(small.status).toBe('waiting');
    const { body: large } = await adjust(theirs.id, '100.01');
    for (const { id } of [small, large]) {
      expect(await approve(own.id, id)).toMatchObject({ status: 403, body: { code: 'adjustment.own' } });
    }
    expect(await own.balances()).toEqual({});
    const forced = stack.sql.query(
      `UPDATE adjustments SET status = 'posted', decided_by = user_id, transaction_id = id WHERE id = $1`,
      [large.id],
    );
    await expect(forced).rejects.toMatchObject({ constraint: 'ck_adjustments_own_money' });
    expect((await approve(theirs.id, small.id)).status).toBe(200);
    expect((await as(second, 'POST', `/adjustments/${large.id}/approve`)).status).toBe(200);
    expect(await own.balances()).toEqual({ USD: '100.02' });
  });

  it('approves nothing that was turned down', async () => {
    const user = await MoneyUser.join(stack);
    const amount = { amount: '100.01', currency: 'USD' };
    const order = { userId: user.id, direction: 'give', reason: 'lost in the migration', amount };
    const { body: large } = await as<Adjustment>(admin, 'POST', '/adjustments', order);
    expect((await as(admin, 'POST', `/adjustments/${large.id}/reject`)).status).toBe(200);
    for (const act of ['approve', 'reject'])
      expect((await as(second, 'POST', `/adjustments/${large.id}/${act}`)).status).toBe(404);
    expect(await user.balances()).toEqual({});
  });

  it('answers for every act in a log that superusers read page by page, and no others', async () => {
    const [actor, user] = [randomUUID(), await MoneyUser.join(stack)];
    const reasons = ['lost once', 'lost twice', 'lost again'];
    const amount = { amount: '1.00', currency: 'USD' };
    for (const reason of reasons)
      await as(actor, 'POST', '/adjustments', { userId: user.id, direction: 'give', reason, amount });
    const read = <T>(query: string, by: string = actor) =>
      stack.call<T>(second, 'GET', `/admin/audit?actorId=${by}${query}`, undefined, { roles: ['super_user'] });
    interface Page {
      items: { id: string; actorId: string; action: string; subjectType: string; subjectId: string; reason: string }[];
      nextCursor: string | null;
    }
    const { body: newest } = await read<Page>('&limit=2');
    expect(newest.items.map(({ reason }) => reason)).toEqual([reasons[2], reasons[1]]);
    expect(newest.items[0]).toMatchObject({ actorId: actor, subjectType: 'adjustment' });
    const { body: oldest } = await read<Page>(`&limit=2&cursor=${newest.nextCursor}`);
    expect(oldest.items.map(({ reason }) => reason)).toEqual([reasons[0]]);
    expect(oldest.nextCursor).toBeNull();
    const { subjectId } = oldest.items[0]!;
    expect((await read<Page>(`&subjectId=${subjectId}`)).body.items).toEqual(oldest.items);
    const inCapitals = await read<Page>(`&subjectId=${subjectId.toUpperCase()}`, actor.toUpperCase());
    expect(inCapitals.body.items).toEqual(oldest.items);
    expect((await as(actor, 'GET', '/audit')).status).toBe(403);
  });

  describe('finds an event that billing could not deal with and', () => {
    const letters = `/dead-letters/${FOLLOW_USERS}`;
    const asSuperUser = <T>(path: string, body?: object) =>
      stack.call<T>(second, 'POST', `/admin${letters}${path}`, body, { roles: ['super_user'] });
    const record = async (action: string) =>
      (await stack.sql.query('SELECT * FROM audit_log WHERE action = $1 ORDER BY id DESC LIMIT 1', [action])).rows[0];

    const queue = (): string => `${stack.app.get(BillingConfig).MESSAGING_NAMESPACE}${FOLLOW_USERS}`;
    let broker: ChannelModel;
    let channel: ConfirmChannel;
    beforeAll(async () => {
      broker = await connect(testStores().TEST_RABBITMQ_URL);
      channel = await broker.createConfirmChannel();
      // Declares the queues: the consumers do not run here.
      await as(admin, 'GET', '/dead-letters');
    });
    afterAll(() => broker?.close());

    /** Leaves a message as the consumer does when it gives up. */
    async function lose(): Promise<string> {
      const messageId = randomUUID();
      const body = { id: messageId, name: 'auth.user.blocked', version: 99, link: sealSecret('x', randomBytes(32)) };
      const headers = { 'x-dead-reason': 'message.unknown_contract', 'x-attempt': 1, 'x-sent-by': 'auth' };
      channel.sendToQueue(`${queue()}.dead`, Buffer.from(JSON.stringify(body)), { messageId, headers });
      await channel.waitForConfirms();
      return messageId;
    }

    it('sees why, sends it again, and a second administrator is told that it is gone', async () => {
      const id = await lose();
      const { body: queues } = await as<{ items: object[] }>(admin, 'GET', '/dead-letters');
      expect(queues.items).toContainEqual({ consumer: FOLLOW_USERS, messages: 1 });
      const { body: list } = await as<{ items: object[] }>(admin, 'GET', `${letters}?limit=5`);
      expect(list.items).toMatchObject([{ id, reason: 'message.unknown_contract', attempt: 1 }]);
      const { body: shown } = await as<{ body: string }>(admin, 'GET', `${letters}/${id}`);
      expect(shown).toMatchObject({ headers: { 'x-sent-by': 'auth' }, reason: 'message.unknown_contract' });
      expect(JSON.parse(shown.body)).toMatchObject({ id, link: '[sealed]' });
      const both = await Promise.all([admin, second].map((actor) => as(actor, 'POST', `${letters}/${id}/redrive`)));
      expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 404]));
      expect((await channel.checkQueue(queue())).messageCount).toBe(1);
      expect(await record('dead_letters.redriven')).toMatchObject({ subject_id: FOLLOW_USERS, details: { ids: [id] } });
    });

    it('has it removed by a superuser only, who says why', async () => {
      const id = await lose();
      const reason = { reason: 'sent by a release that was taken back' };
      for (const path of [`${letters}/discard`, `${letters}/${id}/discard`])
        expect((await as(admin, 'POST', path, reason)).status).toBe(403);
      expect((await asSuperUser(`/${id}/discard`)).status).toBe(422);
      expect(await asSuperUser(`/${id}/discard`, reason)).toMatchObject({ status: 200, body: { messages: 1 } });
      expect(await asSuperUser(`/${id}/discard`, reason)).toMatchObject({ status: 404 });
      const kept = { actor: second, ...reason, subject_id: FOLLOW_USERS, details: { ids: [id] } };
      expect(await record('dead_letters.discarded')).toMatchObject(kept);
      const others = [await lose(), await lose()];
      expect((await asSuperUser('/discard', reason)).body).toEqual({ messages: 2 });
      expect(await record('dead_letters.discarded')).toMatchObject({ details: { ids: others } });
      expect((await as(admin, 'GET', `/dead-letters/billing.nobody`)).status).toBe(404);
    });
  });

  it('sees that the books are right', async () => {
    await stack.sql.query(`UPDATE payments SET settled_at = settled_at`);
    const { body } = await as<{ ok: boolean; checks: object[] }>(admin, 'GET', '/books');
    expect(body.checks.filter((check) => (check as { faultCount: number }).faultCount > 0)).toEqual([]);
  });

  it.each([
    '/books',
    '/payments',
    '/reconciliations',
    '/rates/fetches',
    '/adjustments',
    '/provider-events',
    '/dead-letters',
  ])('is the only one to see %s', async (path) => {
    expect((await stack.call(randomUUID(), 'GET', `/admin${path}`)).status).toBe(403);
    expect((await fetch(`${stack.url}/admin${path}`)).status).toBe(401);
  });
});
