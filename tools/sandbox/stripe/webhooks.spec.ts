import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Stripe from 'stripe';
import { afterEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { addFault, control, paidSession, payByCard, sdkFor, sessionParams, startSandbox } from '../testing/harness.ts';
import { type Received, Receiver, SILENCE } from '../testing/receiver.ts';

const SECRET = 'whsec_sandbox';
const { webhooks } = new Stripe('sk_test_x', { telemetry: false });
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function setUp(...answers: number[]): Promise<{ sandbox: Sandbox; receiver: Receiver }> {
  const receiver = await Receiver.start(...answers);
  const sandbox = await startSandbox({ webhookUrl: receiver.url });
  closing.push(
    () => receiver.close(),
    () => sandbox.close(),
  );
  return { sandbox, receiver };
}

function verified({ body, signature }: Received): boolean {
  try {
    webhooks.constructEvent(body, signature, SECRET);
    return true;
  } catch {
    return false;
  }
}

const CARD_EVENTS = [
  'payment_intent.created',
  'charge.succeeded',
  'payment_intent.succeeded',
  'charge.updated',
  'checkout.session.completed',
];

describe('webhooks', () => {
  it('tell of a card payment in full, each verifiable by the SDK', async () => {
    const { sandbox, receiver } = await setUp();
    await paidSession(sandbox);
    for (const type of CARD_EVENTS) await receiver.wait(type);
    expect(receiver.received.map(({ type }) => type).sort()).toEqual([...CARD_EVENTS].sort());
    expect(receiver.received.every(verified)).toBe(true);
    const [completed] = await receiver.wait('checkout.session.completed');
    const event = webhooks.constructEvent(completed?.body ?? '', completed?.signature ?? '', SECRET);
    expect(event).toMatchObject({ livemode: false, pending_webhooks: 1, data: { object: { payment_status: 'paid' } } });
  });

  it('come again with the same event id and a fresh signature when the receiver answers 500, then 200', async () => {
    const { sandbox, receiver } = await setUp(500);
    const sdk = sdkFor(sandbox);
    await sdk.customers.create({ email: 'retry@example.com' });
    const [first, second] = await receiver.wait('customer.created', 2);
    expect(second?.eventId).toBe(first?.eventId);
    expect(receiver.received.every(verified)).toBe(true);
    await expect.poll(async () => (await sdk.events.list({ delivery_success: true })).data.length).toBe(1);
    expect((await sdk.events.retrieve(first?.eventId ?? '')).pending_webhooks).toBe(0);
    expect(receiver.received).toHaveLength(2);
  });

  it('come again when the receiver does not answer in time', async () => {
    const receiver = await Receiver.start(SILENCE);
    const sandbox = await startSandbox({ webhookUrl: receiver.url, webhookTimeoutMs: 100 });
    closing.push(
      () => receiver.close(),
      () => sandbox.close(),
    );
    await sdkFor(sandbox).customers.create({ email: 'silence@example.com' });
    const [first] = await receiver.wait('customer.created', 2);
    await expect.poll(() => sandbox.stripe.deliveries.get(first?.eventId ?? '')?.state).toBe('delivered');
  });

  it('are announced in no fixed order', async () => {
    const sandbox = await startSandbox();
    closing.push(() => sandbox.close());
    const orders = new Set<string>();
    sandbox.stripe.announce = (ids) => orders.add(ids.map((id) => sandbox.stripe.events.get(id)?.type).join());
    for (let payment = 0; payment < 10; payment += 1) await paidSession(sandbox);
    expect(orders.size).toBeGreaterThan(3);
  });

  it('are given up after the last retry, listed as undelivered, and replayed on demand', async () => {
    const { sandbox, receiver } = await setUp(500, 500, 500, 302, 404);
    const sdk = sdkFor(sandbox);
    await sdk.customers.create({ email: 'never@example.com' });
    const [{ eventId } = { eventId: '' }] = await receiver.wait('customer.created', 5);
    await expect.poll(() => sandbox.stripe.deliveries.get(eventId)?.state).toBe('failed');
    expect((await sdk.events.list({ delivery_success: false })).data.map(({ id }) => id)).toEqual([eventId]);
    await control(sandbox, 'POST', `/stripe/events/${eventId}/replay`);
    await receiver.wait('customer.created', 6);
    await expect.poll(async () => (await sdk.events.list({ delivery_success: false })).data.length).toBe(0);
  });

  it('left undelivered by a stopped sandbox arrive after its restart', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'sandbox-'));
    closing.push(() => rm(stateDir, { recursive: true }));
    const receiver = await Receiver.start();
    closing.push(() => receiver.close());
    const refusing = await Receiver.start();
    const deadUrl = refusing.url;
    await refusing.close();
    const first = await startSandbox({ stateDir, webhookUrl: deadUrl, retrySeconds: [3600] });
    const { session } = await paidSession(first);
    await expect.poll(() => first.stripe.deliveries.values().every(({ attempts }) => attempts.length === 1)).toBe(true);
    for (const delivery of first.stripe.deliveries.values())
      first.stripe.deliveries.put(delivery.eventId, { ...delivery, nextAt: 0 });
    await first.close();
    const second = await startSandbox({ stateDir, webhookUrl: receiver.url });
    closing.push(() => second.close());
    for (const type of CARD_EVENTS) await receiver.wait(type);
    expect((await sdkFor(second).checkout.sessions.retrieve(session)).payment_status).toBe('paid');
  });
});

describe('spoiled deliveries', () => {
  it.each(['webhook.wrong_secret', 'webhook.stale', 'webhook.truncated', 'webhook.tampered'])(
    '%s is refused by the SDK, and a good one follows',
    async (kind) => {
      const { sandbox, receiver } = await setUp(400);
      await addFault(sandbox, { provider: 'stripe', kind, match: 'customer.created', times: 1 });
      await sdkFor(sandbox).customers.create({ email: 'spoiled@example.com' });
      await expect.poll(() => receiver.received.length).toBe(2);
      expect(receiver.received.map(verified)).toEqual([false, true]);
    },
  );

  it('a spoiled delivery counts as undelivered even if the receiver takes it', async () => {
    const { sandbox, receiver } = await setUp(200);
    await addFault(sandbox, { provider: 'stripe', kind: 'webhook.tampered', times: 1 });
    await sdkFor(sandbox).customers.create({ email: 'gullible@example.com' });
    const deliveries = await receiver.wait('customer.created', 2);
    await expect.poll(() => sandbox.stripe.deliveries.get(deliveries[0]?.eventId ?? '')?.attempts.length).toBe(2);
    const [spoiled] = sandbox.stripe.deliveries.get(deliveries[0]?.eventId ?? '')?.attempts ?? [];
    expect(spoiled).toMatchObject({ status: 200, spoiled: 'webhook.tampered' });
  });

  it('webhook.future and webhook.livemode pass the SDK, so that the application has to refuse them itself', async () => {
    const { sandbox, receiver } = await setUp(400, 400);
    await addFault(sandbox, { provider: 'stripe', kind: 'webhook.future', times: 1 });
    await addFault(sandbox, { provider: 'stripe', kind: 'webhook.livemode', times: 1 });
    await sdkFor(sandbox).customers.create({ email: 'future@example.com' });
    const [future, live] = await receiver.wait('customer.created', 3);
    expect(Number(/t=(\d+)/.exec(future?.signature ?? '')?.[1])).toBeGreaterThan(Date.now() / 1000 + 3000);
    expect(JSON.parse(live?.body ?? '{}')).toMatchObject({ livemode: true });
    expect(receiver.received.every(verified)).toBe(true);
  });

  it('webhook.two_signatures carries a foreign signature beside the right one', async () => {
    const { sandbox, receiver } = await setUp();
    await addFault(sandbox, { provider: 'stripe', kind: 'webhook.two_signatures', times: 1 });
    await sdkFor(sandbox).customers.create({ email: 'rotation@example.com' });
    const [delivery] = await receiver.wait('customer.created');
    expect(delivery?.signature.match(/v1=/g)).toHaveLength(2);
    expect(delivery && verified(delivery)).toBe(true);
  });

  it.each(['webhook.delay', 'webhook.reorder'])(
    '%s sends later, and once, even when it strikes every event',
    async (kind) => {
      const { sandbox, receiver } = await setUp();
      await addFault(sandbox, { provider: 'stripe', kind, value: 60 });
      await sdkFor(sandbox).customers.create({ email: 'late@example.com' });
      expect(receiver.received).toHaveLength(0);
      const [late] = await receiver.wait('customer.created');
      await expect.poll(() => sandbox.stripe.deliveries.get(late?.eventId ?? '')?.state).toBe('delivered');
      expect(receiver.received).toHaveLength(1);
    },
  );

  it('webhook.duplicate sends one event several times', async () => {
    const { sandbox, receiver } = await setUp();
    await addFault(sandbox, { provider: 'stripe', kind: 'webhook.duplicate', value: 5, times: 1 });
    await sdkFor(sandbox).customers.create({ email: 'again@example.com' });
    const copies = await receiver.wait('customer.created', 5);
    expect(new Set(copies.map(({ eventId }) => eventId)).size).toBe(1);
  });

  it('webhook.drop never sends, but events.list still knows', async () => {
    const { sandbox, receiver } = await setUp();
    await addFault(sandbox, { provider: 'stripe', kind: 'webhook.drop', match: 'checkout.session.completed' });
    await paidSession(sandbox);
    for (const type of CARD_EVENTS.slice(0, 4)) await receiver.wait(type);
    expect(receiver.received.some(({ type }) => type === 'checkout.session.completed')).toBe(false);
    const missed = await sdkFor(sandbox).events.list({
      delivery_success: false,
      types: ['checkout.session.completed'],
    });
    expect(missed.data).toHaveLength(1);
  });
});

describe('the payer and the webhook', () => {
  it('webhook.before_redirect sends the payer back only after the webhooks', async () => {
    const { sandbox, receiver } = await setUp();
    await addFault(sandbox, { provider: 'stripe', kind: 'webhook.before_redirect' });
    const { id } = await sdkFor(sandbox).checkout.sessions.create(sessionParams());
    expect((await payByCard(sandbox, id)).status).toBe(303);
    expect(receiver.received).toHaveLength(CARD_EVENTS.length);
  });

  it('webhook.after_redirect keeps the webhooks back until the payer is gone', async () => {
    const { sandbox, receiver } = await setUp();
    await addFault(sandbox, { provider: 'stripe', kind: 'webhook.after_redirect', value: 100 });
    const { id } = await sdkFor(sandbox).checkout.sessions.create(sessionParams());
    expect((await payByCard(sandbox, id)).status).toBe(303);
    expect(receiver.received).toHaveLength(0);
    await receiver.wait('checkout.session.completed');
  });
});
