import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { addFault, control, paidSession, sdkFor, sessionParams, startSandbox } from '../testing/harness.ts';

let sandbox: Sandbox;
let sdk: Stripe;

beforeAll(async () => {
  sandbox = await startSandbox();
  sdk = sdkFor(sandbox);
});
afterAll(() => sandbox.close());

function line(extra: object = {}): Stripe.Checkout.SessionCreateParams.LineItem {
  return { quantity: 1, price_data: { currency: 'eur', unit_amount: 2000, product_data: { name: 'x' } }, ...extra };
}

/** The error an SDK call ends with. */
async function errorOf(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const outcome = await call.then(
    () => 'no error',
    (error: unknown) => error,
  );
  if (outcome instanceof Stripe.errors.StripeError) return outcome;
  throw new Error(`expected a Stripe error, got ${String(outcome)}`);
}

describe('the front desk', () => {
  it('refuses a call without a key, with a live key and with an unknown version', async () => {
    expect(await fetch(`${sandbox.urls.stripe}/v1/balance`).then((response) => response.status)).toBe(401);
    const { hostname, port } = new URL(sandbox.urls.stripe);
    const live = new Stripe('sk_live_real', { protocol: 'http', host: hostname, port: Number(port), telemetry: false });
    expect(await errorOf(live.balance.retrieve())).toBeInstanceOf(Stripe.errors.StripeAuthenticationError);
    const old = await fetch(`${sandbox.urls.stripe}/v1/balance`, {
      headers: { authorization: 'Bearer sk_test_x', 'stripe-version': '2020-01-01' },
    });
    expect(old.status).toBe(400);
  });

  it('names the request, the version and the error of every answer, unknown paths included', async () => {
    const response = await fetch(`${sandbox.urls.stripe}/v1/nothing`, {
      headers: { authorization: 'Bearer sk_test_x' },
    });
    expect(response.status).toBe(404);
    expect(response.headers.get('request-id')).toMatch(/^req_\w{14}$/);
    expect(response.headers.get('stripe-version')).toBe('2026-10-28.endive');
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  it.each([
    ['a parameter nobody knows', { surprise: '1' }, 'parameter_unknown', 'surprise'],
    [
      'payment_method_types, removed in 2026-09-30',
      { payment_method_types: ['card'] },
      'parameter_unknown',
      'payment_method_types',
    ],
    ['no success_url', { success_url: undefined }, 'parameter_missing', 'success_url'],
    [
      'less than the minimum',
      { line_items: [line({ price_data: { currency: 'eur', unit_amount: 49, product_data: { name: 'x' } } })] },
      'amount_too_small',
      'line_items',
    ],
    ['more than eight digits', { line_items: [line({ quantity: 50_000 })] }, 'amount_too_large', 'line_items'],
    [
      'an unknown parameter deep inside',
      { line_items: [line({ colour: 'red' })] },
      'parameter_unknown',
      'line_items[0][colour]',
    ],
    [
      'a customer who is not there',
      { customer: 'cus_nobody', customer_email: undefined },
      'resource_missing',
      'customer',
    ],
    ['quantity zero', { line_items: [line({ quantity: 0 })] }, 'parameter_invalid_integer', 'line_items[0][quantity]'],
    ['an empty value', { client_reference_id: '' }, 'parameter_invalid_empty', 'client_reference_id'],
  ])('refuses a session with %s', async (_what, change, code, param) => {
    const error = await errorOf(
      sdk.checkout.sessions.create({ ...sessionParams(), ...change } as Stripe.Checkout.SessionCreateParams),
    );
    expect(error).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError);
    expect({ code: error.code, param: error.param }).toEqual({ code, param });
  });

  it('refuses a currency the account cannot charge and a session that lives too short or too long', async () => {
    expect((await errorOf(sdk.checkout.sessions.create(sessionParams(2000, 'rub')))).message).toContain(
      'Invalid currency: rub',
    );
    const now = Math.floor(Date.now() / 1000);
    for (const expires_at of [now + 29 * 60, now + 25 * 3600]) {
      expect((await errorOf(sdk.checkout.sessions.create({ ...sessionParams(), expires_at }))).param).toBe(
        'expires_at',
      );
    }
  });

  it('says so when Stripe knows a parameter and the sandbox does not model it', async () => {
    const error = await errorOf(
      sdk.checkout.sessions.create({ ...sessionParams(), shipping_options: [], tax_id_collection: { enabled: true } }),
    );
    expect(error.message).toContain('[sandbox] tax_id_collection exists at Stripe');
  });
});

describe('the calls', () => {
  it('creates, reads, expands and lists sessions, newest first', async () => {
    const first = await sdk.checkout.sessions.create(sessionParams());
    const second = await sdk.checkout.sessions.create({ ...sessionParams(3000), expand: ['line_items'] });
    expect(first).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: null,
      amount_total: 2000,
      livemode: false,
    });
    expect(second.line_items?.data[0]?.price?.unit_amount_decimal?.toString()).toBe('3000');
    const listed = await sdk.checkout.sessions.list({ limit: 2 });
    expect(listed.data.map(({ id }) => id)).toEqual([second.id, first.id]);
    const items = await sdk.checkout.sessions.listLineItems(first.id);
    expect(items.data[0]).toMatchObject({ amount_total: 2000, description: 'Three months' });
  });

  it('expires an open session once, and no other', async () => {
    const { id } = await sdk.checkout.sessions.create(sessionParams());
    expect(await sdk.checkout.sessions.expire(id)).toMatchObject({ status: 'expired', url: null });
    expect((await errorOf(sdk.checkout.sessions.expire(id))).message).toContain('status of `expired`');
  });

  it('follows a payment from the session down to the line in the books', async () => {
    const { session } = await paidSession(sandbox, 10_000);
    const expanded = await sdk.checkout.sessions.retrieve(session, {
      expand: ['payment_intent.latest_charge.balance_transaction'],
    });
    const intent = expanded.payment_intent as Stripe.PaymentIntent;
    const charge = intent.latest_charge as Stripe.Charge;
    expect(expanded).toMatchObject({ status: 'complete', payment_status: 'paid', client_reference_id: 'order-1' });
    expect(intent).toMatchObject({ status: 'succeeded', amount_received: 10_000, metadata: { order: 'order-1' } });
    expect(charge.balance_transaction).toMatchObject({ amount: 10_000, fee: 320, net: 9680, currency: 'eur' });
    expect((await sdk.paymentIntents.retrieve(intent.id)).id).toBe(intent.id);
    expect((await sdk.charges.list({ payment_intent: intent.id })).data.map(({ id }) => id)).toEqual([charge.id]);
    expect((await sdk.charges.retrieve(charge.id, { expand: ['refunds'] })).refunds?.data).toEqual([]);
    expect((await sdk.paymentIntents.list({ limit: 1 })).data[0]?.id).toBe(intent.id);
  });

  it('pages through a list in both directions without loss or repetition', async () => {
    for (let index = 0; index < 7; index += 1) await sdk.customers.create({ email: `pager${index}@example.com` });
    const all = await sdk.customers.list({ limit: 3 }).autoPagingToArray({ limit: 100 });
    expect(all.slice(0, 7).map(({ email }) => email)).toEqual(
      [6, 5, 4, 3, 2, 1, 0].map((index) => `pager${index}@example.com`),
    );
    const oldest = all.at(-1);
    const upwards = await sdk.customers
      .list({ limit: 3, ending_before: oldest?.id ?? '' })
      .autoPagingToArray({ limit: 100 });
    expect(upwards.map(({ id }) => id)).toEqual(
      all
        .slice(0, -1)
        .map(({ id }) => id)
        .reverse(),
    );
  });

  it('keeps, changes and searches customers', async () => {
    const customer = await sdk.customers.create({
      email: 'find@example.com',
      name: 'Find Me',
      metadata: { user: 'u-1', gone: 'x' },
    });
    const changed = await sdk.customers.update(customer.id, { metadata: { gone: '' }, name: 'Found' });
    expect(changed).toMatchObject({ name: 'Found', metadata: { user: 'u-1' } });
    const found = await sdk.customers.search({ query: "metadata['user']:'u-1'" });
    expect(found.data.map(({ id }) => id)).toEqual([customer.id]);
    expect((await sdk.customers.retrieve(customer.id)).id).toBe(customer.id);
  });

  it('tells the balance, the books and what the account may charge', async () => {
    const spec = await sdk.countrySpecs.retrieve('DE');
    expect(spec.supported_payment_currencies).toEqual(['usd', 'eur', 'gbp', 'cny']);
    const [balance, lines] = await Promise.all([
      sdk.balance.retrieve(),
      sdk.balanceTransactions.list({ currency: 'eur', limit: 100 }),
    ]);
    const pending = balance.pending.find(({ currency }) => currency === 'eur')?.amount;
    expect(pending).toBe(lines.data.reduce((sum, { net }) => sum + net, 0));
    expect(lines.data.length).toBeGreaterThan(0);
    expect((await sdk.balanceTransactions.retrieve(lines.data[0]?.id ?? '')).status).toBe('pending');
  });

  it('lists events by type, time and delivery, and gives each by its id', async () => {
    const page = await sdk.events.list({
      types: ['checkout.session.completed', 'charge.succeeded'],
      delivery_success: false,
      limit: 100,
    });
    expect(new Set(page.data.map(({ type }) => type))).toEqual(
      new Set(['checkout.session.completed', 'charge.succeeded']),
    );
    expect(
      (await sdk.events.list({ type: 'charge.*' as never })).data.every(({ type }) => type.startsWith('charge.')),
    ).toBe(true);
    expect((await sdk.events.list({ delivery_success: true })).data).toEqual([]);
    expect((await sdk.events.list({ created: { gt: Math.floor(Date.now() / 1000) + 60 } })).data).toEqual([]);
    const event = page.data[0];
    expect((await sdk.events.retrieve(event?.id ?? '')).id).toBe(event?.id);
  });
});

describe('its faults', () => {
  it.each([
    ['api.rate_limit', Stripe.errors.StripeRateLimitError],
    ['api.unavailable', Stripe.errors.StripeAPIError],
    ['api.error_before_commit', Stripe.errors.StripeAPIError],
    ['api.reset', Stripe.errors.StripeConnectionError],
    ['api.hang', Stripe.errors.StripeConnectionError],
  ])('%s reaches the SDK as its own error', async (kind, type) => {
    await addFault(sandbox, { provider: 'stripe', kind, match: 'POST /v1/customers' });
    const impatient = sdkFor(sandbox, { timeout: 300 });
    expect(await errorOf(impatient.customers.create({ email: 'fault@example.com' }))).toBeInstanceOf(type);
    await control(sandbox, 'DELETE', '/faults');
    expect((await sdk.customers.list({ email: 'fault@example.com' })).data).toEqual([]);
  });

  it('a 404 without an error object comes through the SDK as if it were a result', async () => {
    await addFault(sandbox, { provider: 'stripe', kind: 'api.errorless_404', times: 1 });
    const result = await sdk.checkout.sessions.retrieve('cs_test_x');
    expect(result.object).toBeUndefined();
    expect(result.lastResponse.statusCode).toBe(404);
  });

  it('a call that took effect before the connection broke is not done twice by the SDK', async () => {
    await addFault(sandbox, {
      provider: 'stripe',
      kind: 'api.reset_after_commit',
      match: 'POST /v1/customers',
      times: 1,
    });
    const retrying = sdkFor(sandbox, { maxNetworkRetries: 2 });
    await retrying.customers.create({ email: 'once@example.com' });
    expect((await sdk.customers.list({ email: 'once@example.com' })).data).toHaveLength(1);
  });

  it('a slow body arrives whole', async () => {
    await addFault(sandbox, { provider: 'stripe', kind: 'api.slow_body', value: 50, times: 1 });
    expect((await sdk.balance.retrieve()).object).toBe('balance');
  });
});
