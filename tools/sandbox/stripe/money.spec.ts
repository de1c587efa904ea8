import type Stripe from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { control, paidSession, payByCard, sdkFor, sessionParams, startSandbox, submit } from '../testing/harness.ts';

let sandbox: Sandbox;
let sdk: Stripe;

beforeEach(async () => {
  sandbox = await startSandbox();
  sdk = sdkFor(sandbox);
});
afterEach(() => sandbox.close());

async function eventTypes(): Promise<string[]> {
  return (await sdk.events.list({ limit: 100 })).data.map(({ type }) => type).reverse();
}

async function netBalance(): Promise<number> {
  return (await sdk.balanceTransactions.list({ limit: 100 })).data.reduce((sum, { net }) => sum + net, 0);
}

async function newSession(): Promise<string> {
  return (await sdk.checkout.sessions.create(sessionParams())).id;
}

describe('a card', () => {
  it.each([
    ['4000000000000002', 'generic_decline'],
    ['4000000000009995', 'insufficient_funds'],
    ['4000000000009987', 'lost_card'],
    ['4000000000009979', 'stolen_card'],
    ['4000000000000069', 'expired_card'],
    ['4000000000000127', 'incorrect_cvc'],
    ['4000000000000119', 'processing_error'],
    ['4111111111111111', 'test_mode_live_card'],
  ])(
    '%s is declined as %s, leaves the session open, and another card pays on the same intent',
    async (number, code) => {
      const id = await newSession();
      expect((await payByCard(sandbox, id, number)).status).toBe(402);
      const open = await sdk.checkout.sessions.retrieve(id, { expand: ['payment_intent'] });
      expect(open).toMatchObject({ status: 'open', payment_status: 'unpaid' });
      const intent = open.payment_intent as Stripe.PaymentIntent;
      expect(intent.last_payment_error?.decline_code).toBe(code);
      expect((await payByCard(sandbox, id)).status).toBe(303);
      const paid = await sdk.checkout.sessions.retrieve(id);
      expect(paid).toMatchObject({ status: 'complete', payment_intent: intent.id });
      expect((await sdk.charges.list({ payment_intent: intent.id })).data.map(({ status }) => status)).toEqual([
        'succeeded',
        'failed',
      ]);
      expect(await eventTypes()).toEqual(
        expect.arrayContaining(['payment_intent.payment_failed', 'charge.failed', 'checkout.session.completed']),
      );
    },
  );

  it('is charged once, however often the form is sent', async () => {
    const id = await newSession();
    const answers = await Promise.all(Array.from({ length: 10 }, () => payByCard(sandbox, id)));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect((await sdk.charges.list()).data).toHaveLength(1);
  });

  it.each([
    ['4000002500003155', 'yes', 'complete', 'succeeded'],
    ['4000002760003184', 'no', 'open', 'requires_payment_method'],
    ['4000008260003178', 'yes', 'open', 'requires_payment_method'],
    ['4000008400001629', 'yes', 'open', 'requires_payment_method'],
  ])('%s asks the bank; answered "%s" the session is %s', async (number, answer, status, intentStatus) => {
    const id = await newSession();
    const response = await payByCard(sandbox, id, number);
    const bank = response.headers.get('location') ?? '';
    expect(bank).toMatch(/^\/3ds\/pi_/);
    const waiting = await sdk.checkout.sessions.retrieve(id, { expand: ['payment_intent'] });
    expect((waiting.payment_intent as Stripe.PaymentIntent).next_action?.type).toBe('redirect_to_url');
    await submit(`${sandbox.urls.stripe}${bank}`, { answer });
    const session = await sdk.checkout.sessions.retrieve(id, { expand: ['payment_intent'] });
    expect(session.status).toBe(status);
    expect((session.payment_intent as Stripe.PaymentIntent).status).toBe(intentStatus);
    expect(await eventTypes()).toContain('payment_intent.requires_action');
  });
});

describe('a bank debit', () => {
  it.each([
    ['AT611904300234573201', 'paid', 'checkout.session.async_payment_succeeded'],
    ['IT60X0542811101000000123456', 'unpaid', 'checkout.session.async_payment_failed'],
  ])('%s completes unpaid and is %s later', async (iban, later, event) => {
    const id = await newSession();
    expect((await submit(`${sandbox.urls.stripe}/c/pay/${id}`, { iban })).status).toBe(303);
    expect(await sdk.checkout.sessions.retrieve(id)).toMatchObject({ status: 'complete', payment_status: 'unpaid' });
    expect(await netBalance()).toBe(0);
    await control(sandbox, 'POST', '/clock', { advanceSeconds: 60 });
    expect(await sdk.checkout.sessions.retrieve(id)).toMatchObject({ status: 'complete', payment_status: later });
    expect(await eventTypes()).toContain(event);
    expect(await netBalance()).toBe(later === 'paid' ? 2000 - 88 : 0);
  });

  it('is decided on its page at once, and only once', async () => {
    const id = await newSession();
    await submit(`${sandbox.urls.stripe}/c/pay/${id}`, { iban: 'AT611904300234573201' });
    const { payment_intent: intent } = await sdk.checkout.sessions.retrieve(id);
    const page = `${sandbox.urls.stripe}/async/${String(intent)}`;
    expect((await submit(page, { answer: 'no' })).status).toBe(303);
    expect((await submit(page, { answer: 'yes' })).status).toBe(409);
    expect(await sdk.checkout.sessions.retrieve(id)).toMatchObject({ payment_status: 'unpaid' });
  });
});

describe('a session', () => {
  it('expires with the clock, cancels its intent, and cannot be paid any more', async () => {
    const id = await newSession();
    await payByCard(sandbox, id, '4000000000000002');
    await control(sandbox, 'POST', '/clock', { advanceSeconds: 24 * 3600 + 1 });
    expect((await payByCard(sandbox, id)).status).toBe(410);
    expect(await sdk.checkout.sessions.retrieve(id)).toMatchObject({
      status: 'expired',
      payment_status: 'unpaid',
      url: null,
    });
    expect(await eventTypes()).toEqual(expect.arrayContaining(['checkout.session.expired', 'payment_intent.canceled']));
  });

  it('expired while the payer stands at the bank takes no money', async () => {
    const id = await newSession();
    const bank = (await payByCard(sandbox, id, '4000002500003155')).headers.get('location') ?? '';
    await sdk.checkout.sessions.expire(id);
    expect((await submit(`${sandbox.urls.stripe}${bank}`, { answer: 'yes' })).status).toBe(409);
    expect((await sdk.charges.list()).data).toEqual([]);
  });
});

describe('a refund', () => {
  it('in parts adds up, refuses more than is left, and empties the books but for the fee', async () => {
    const { intent } = await paidSession(sandbox);
    await sdk.refunds.create({ payment_intent: intent, amount: 500 });
    await expect(sdk.refunds.create({ payment_intent: intent, amount: 1501 })).rejects.toThrow(
      'greater than unrefunded amount',
    );
    const rest = await sdk.refunds.create({ payment_intent: intent, metadata: { why: 'test' } });
    expect(rest).toMatchObject({ amount: 1500, status: 'succeeded' });
    await expect(sdk.refunds.create({ payment_intent: intent })).rejects.toMatchObject({
      code: 'charge_already_refunded',
    });
    const [charge] = (await sdk.charges.list({ payment_intent: intent })).data;
    expect(charge).toMatchObject({ amount_refunded: 2000, refunded: true });
    expect(await netBalance()).toBe(-88);
    expect((await sdk.refunds.list({ payment_intent: intent })).data).toHaveLength(2);
    expect(await sdk.refunds.update(rest.id, { metadata: { seen: 'yes' } })).toMatchObject({
      metadata: { why: 'test', seen: 'yes' },
    });
  });

  it('that fails later gives the money back to the shop', async () => {
    const { intent } = await paidSession(sandbox, 2000, '4000000000005126');
    const refund = await sdk.refunds.create({ payment_intent: intent });
    expect(refund.status).toBe('succeeded');
    await control(sandbox, 'POST', '/clock', { advanceSeconds: 60 });
    expect(await sdk.refunds.retrieve(refund.id)).toMatchObject({
      status: 'failed',
      failure_reason: 'lost_or_stolen_card',
    });
    expect(await eventTypes()).toEqual(expect.arrayContaining(['refund.created', 'charge.refunded', 'refund.failed']));
    expect(await netBalance()).toBe(2000 - 88);
  });

  it('that is pending first succeeds later', async () => {
    const { intent } = await paidSession(sandbox, 2000, '4000000000007726');
    const refund = await sdk.refunds.create({ payment_intent: intent });
    expect(refund.status).toBe('pending');
    await control(sandbox, 'POST', `/stripe/refunds/${refund.id}/succeed`);
    expect((await sdk.refunds.retrieve(refund.id)).status).toBe('succeeded');
  });

  it('is refused for money that never came', async () => {
    const id = await newSession();
    await payByCard(sandbox, id, '4000000000000002');
    const { payment_intent: intent } = await sdk.checkout.sessions.retrieve(id);
    await expect(sdk.refunds.create({ payment_intent: String(intent) })).rejects.toThrow(
      'does not have a successful charge',
    );
  });
});

describe('a dispute', () => {
  it.each([
    ['winning_evidence', 'won', ['charge.dispute.funds_reinstated'], 2000 - 88],
    ['losing_evidence', 'lost', [], -88 - 1500],
  ])('answered with %s is %s', async (words, status, more, net) => {
    const { intent } = await paidSession(sandbox, 2000, '4000000000000259');
    const [dispute] = (await sdk.disputes.list({ payment_intent: intent })).data;
    expect(dispute).toMatchObject({ amount: 2000, status: 'needs_response', reason: 'fraudulent' });
    expect(await netBalance()).toBe(-88 - 1500);
    await expect(sdk.refunds.create({ payment_intent: intent })).rejects.toMatchObject({ code: 'charge_disputed' });
    const closed = await sdk.disputes.update(dispute?.id ?? '', {
      evidence: { uncategorized_text: words },
      submit: true,
    });
    expect(closed.status).toBe(status);
    const wanted = ['charge.dispute.created', 'charge.dispute.funds_withdrawn', 'charge.dispute.closed', ...more];
    expect(await eventTypes()).toEqual(expect.arrayContaining(wanted));
    expect(await netBalance()).toBe(net);
  });

  it('opened by the bank can be given up by the shop', async () => {
    const { intent } = await paidSession(sandbox);
    const opened = await control(sandbox, 'POST', `/stripe/payment_intents/${intent}/dispute`, {
      reason: 'product_not_received',
      amount: 700,
    });
    const { id } = (await opened.json()) as { id: string };
    expect((await sdk.disputes.close(id)).status).toBe('lost');
    await expect(sdk.disputes.close(id)).rejects.toThrow('already closed');
    expect((await sdk.disputes.retrieve(id)).amount).toBe(700);
  });
});

describe('an account that settles in another currency', () => {
  const settle = (body: object) => control(sandbox, 'POST', '/stripe/settlements', body);
  const books = async () => (await sdk.balanceTransactions.list({ limit: 100, expand: ['data.source'] })).data;

  it('has the exchanged amounts in its books, and their sources in the currency that was charged', async () => {
    await settle({ from: 'eur', currency: 'usd', rate: 1.234 });
    const { intent } = await paidSession(sandbox, 1000);
    await settle({ from: 'eur', currency: 'usd', rate: 1.25 });
    await sdk.refunds.create({ payment_intent: intent, amount: 400 });
    expect(await books()).toMatchObject([
      { amount: -500, currency: 'usd', exchange_rate: 1.25, source: { amount: 400, currency: 'eur' } },
      { amount: 1234, currency: 'usd', exchange_rate: 1.234, source: { amount: 1000, currency: 'eur' } },
    ]);
    const { pending } = await sdk.balance.retrieve();
    expect(pending.find(({ currency }) => currency === 'usd')?.amount).toBe(await netBalance());
  });

  it('does not exchange what settles in itself', async () => {
    await settle({ from: 'eur', currency: 'usd', rate: 1.234 });
    await settle({ from: 'eur', currency: 'eur' });
    await paidSession(sandbox, 1000);
    expect(await books()).toMatchObject([{ amount: 1000, currency: 'eur', exchange_rate: null }]);
    expect((await settle({ from: 'eur', currency: 'usd', rate: 0 })).status).toBe(422);
  });
});

describe('the truth', () => {
  it('counts what was captured, refunded and disputed', async () => {
    const { intent } = await paidSession(sandbox);
    await sdk.refunds.create({ payment_intent: intent, amount: 300 });
    await paidSession(sandbox, 5000, '4000000000000259');
    await payByCard(sandbox, await newSession(), '4000000000000002');
    const truth = (await (await control(sandbox, 'GET', '/stripe/truth')).json()) as {
      payments: object[];
      totals: object;
    };
    expect(truth.payments[0]).toMatchObject({
      captured: 2000,
      refunded: 300,
      clientReferenceId: 'order-1',
      metadata: { order: 'order-1' },
    });
    expect(truth.totals).toEqual({
      eur: { payments: 2, captured: 7000, refunded: 300, disputed: 5000, disputeLost: 0 },
    });
  });

  it('is paid into by the control plane as by the page', async () => {
    const id = await newSession();
    const paid = await control(sandbox, 'POST', `/stripe/sessions/${id}/pay`, {});
    expect(await paid.json()).toMatchObject({ result: { status: 'succeeded' }, session: { payment_status: 'paid' } });
    expect((await control(sandbox, 'POST', `/stripe/sessions/${id}/pay`, {})).status).toBe(409);
  });
});
