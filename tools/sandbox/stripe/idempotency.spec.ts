import Stripe from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { addFault, control, sdkFor, sessionParams, startSandbox } from '../testing/harness.ts';

let sandbox: Sandbox;
let sdk: Stripe;

beforeEach(async () => {
  sandbox = await startSandbox();
  sdk = sdkFor(sandbox);
});
afterEach(() => sandbox.close());

/** One raw POST, so that status and body can be compared byte for byte. */
async function post(
  path: string,
  form: Record<string, string>,
  key: string,
): Promise<{ status: number; body: string; replayed: boolean }> {
  const response = await fetch(`${sandbox.urls.stripe}${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_test_x', 'idempotency-key': key },
    body: new URLSearchParams(form),
  });
  return {
    status: response.status,
    body: await response.text(),
    replayed: response.headers.get('idempotent-replayed') === 'true',
  };
}

const PAYMENT = { amount: '2000', currency: 'eur', confirm: 'true', payment_method: 'pm_card_visa' };

describe('an idempotency key', () => {
  it('lets 30 simultaneous calls make one charge', async () => {
    const retrying = sdkFor(sandbox, { maxNetworkRetries: 5 });
    await addFault(sandbox, { provider: 'stripe', kind: 'api.slow', value: 50 });
    const calls = Array.from({ length: 30 }, () =>
      retrying.paymentIntents.create(
        { amount: 2000, currency: 'eur', confirm: true, payment_method: 'pm_card_visa' },
        { idempotencyKey: 'same' },
      ),
    );
    const ids = new Set((await Promise.all(calls)).map(({ id }) => id));
    expect(ids.size).toBe(1);
    expect((await sdk.charges.list()).data).toHaveLength(1);
  });

  it('gives a second call 409 while the first is under way', async () => {
    await addFault(sandbox, { provider: 'stripe', kind: 'api.slow', value: 200, times: 1 });
    const [first, second] = await Promise.all([
      post('/v1/payment_intents', PAYMENT, 'k'),
      post('/v1/payment_intents', PAYMENT, 'k'),
    ]);
    expect(new Set([first.status, second.status])).toEqual(new Set([200, 409]));
    const later = await post('/v1/payment_intents', PAYMENT, 'k');
    expect(later).toEqual({ ...[first, second].find(({ status }) => status === 200), replayed: true });
  });

  it('replays a declined card', async () => {
    const declined = { ...PAYMENT, payment_method: 'pm_card_chargeDeclinedInsufficientFunds' };
    const first = await post('/v1/payment_intents', declined, 'k');
    expect(first.status).toBe(402);
    expect(JSON.parse(first.body)).toMatchObject({
      error: { code: 'card_declined', decline_code: 'insufficient_funds' },
    });
    expect(await post('/v1/payment_intents', declined, 'k')).toEqual({ ...first, replayed: true });
    expect((await sdk.charges.list()).data).toHaveLength(1);
  });

  it.each(['api.error_before_commit', 'api.error_after_commit'])('replays the 500 of %s', async (kind) => {
    await addFault(sandbox, { provider: 'stripe', kind, times: 1 });
    const first = await post('/v1/payment_intents', PAYMENT, 'k');
    expect(first.status).toBe(500);
    expect(await post('/v1/payment_intents', PAYMENT, 'k')).toEqual({ ...first, replayed: true });
    expect((await sdk.charges.list()).data).toHaveLength(kind === 'api.error_after_commit' ? 1 : 0);
  });

  it('keeps nothing of an outage, a 429 and a failed validation', async () => {
    await addFault(sandbox, { provider: 'stripe', kind: 'api.unavailable', times: 1 });
    expect((await post('/v1/payment_intents', PAYMENT, 'k')).status).toBe(503);
    await addFault(sandbox, { provider: 'stripe', kind: 'api.rate_limit', times: 1 });
    expect((await post('/v1/payment_intents', PAYMENT, 'k')).status).toBe(429);
    expect((await post('/v1/payment_intents', { ...PAYMENT, amount: '10' }, 'k')).status).toBe(400);
    expect(await post('/v1/payment_intents', PAYMENT, 'k')).toMatchObject({ status: 200, replayed: false });
  });

  it('refuses other parameters and another path, and does not mind another order', async () => {
    await post('/v1/payment_intents', PAYMENT, 'k');
    const other = await post('/v1/payment_intents', { ...PAYMENT, amount: '2001' }, 'k');
    expect(JSON.parse(other.body)).toMatchObject({ error: { type: 'idempotency_error' } });
    expect(JSON.parse((await post('/v1/customers', PAYMENT, 'k')).body)).toMatchObject({
      error: { type: 'idempotency_error' },
    });
    const shuffled = Object.fromEntries(Object.entries(PAYMENT).reverse());
    expect((await post('/v1/payment_intents', shuffled, 'k')).replayed).toBe(true);
    const thrown = await sdk.paymentIntents
      .create({ amount: 999, currency: 'eur' }, { idempotencyKey: 'k' })
      .catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Stripe.errors.StripeIdempotencyError);
  });

  it('is forgotten after a day', async () => {
    const first = await sdk.checkout.sessions.create(sessionParams(), { idempotencyKey: 'k' });
    expect((await sdk.checkout.sessions.create(sessionParams(), { idempotencyKey: 'k' })).id).toBe(first.id);
    await control(sandbox, 'POST', '/clock', { advanceSeconds: 24 * 3600 });
    expect((await sdk.checkout.sessions.create(sessionParams(), { idempotencyKey: 'k' })).id).not.toBe(first.id);
  });

  it('may be 255 characters long and no longer', async () => {
    expect((await post('/v1/customers', {}, 'k'.repeat(255))).status).toBe(200);
    expect((await post('/v1/customers', {}, 'k'.repeat(256))).status).toBe(400);
  });
});
