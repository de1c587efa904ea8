import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { control, paidSession, payByCard, sdkFor, sessionParams, startSandbox, submit } from '../testing/harness.ts';
import { complaints, type Sample } from '../testing/type-oracle.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

/** An answer as it stands on the wire, before the SDK touches it. */
async function wire(path: string): Promise<unknown> {
  const response = await fetch(`${sandbox.urls.stripe}/v1/${path}`, { headers: { authorization: 'Bearer sk_test_x' } });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

/** Every way money can go, so that every object and event is seen in every state. */
async function live(): Promise<
  Record<'open' | 'paid' | 'failed' | 'debit' | 'threeDs' | 'expired' | 'customer', string>
> {
  const sdk = sdkFor(sandbox);
  const create = async (): Promise<string> =>
    (await sdk.checkout.sessions.create({ ...sessionParams(), customer_creation: 'always' })).id;
  const paid = await paidSession(sandbox);
  await sdk.refunds.create({ payment_intent: paid.intent, amount: 500 });
  const failing = await paidSession(sandbox, 2000, '4000000000005126');
  await sdk.refunds.create({ payment_intent: failing.intent });
  const pending = await paidSession(sandbox, 2000, '4000000000007726');
  await sdk.refunds.create({ payment_intent: pending.intent });
  for (const words of ['winning_evidence', 'losing_evidence']) {
    const disputed = await paidSession(sandbox, 2000, '4000000000000259');
    const [dispute] = (await sdk.disputes.list({ payment_intent: disputed.intent })).data;
    await sdk.disputes.update(dispute?.id ?? '', { evidence: { uncategorized_text: words }, submit: true });
  }
  const [failed, threeDs, debit, badDebit, expired] = await Promise.all([
    create(),
    create(),
    create(),
    create(),
    create(),
  ]);
  await payByCard(sandbox, failed, '4000000000000002');
  const bank = (await payByCard(sandbox, threeDs, '4000002500003155')).headers.get('location') ?? '';
  await payByCard(sandbox, expired, '4000000000000002');
  await sdk.checkout.sessions.expire(expired);
  await submit(`${sandbox.urls.stripe}/c/pay/${debit}`, { iban: 'AT611904300234573201' });
  await submit(`${sandbox.urls.stripe}/c/pay/${badDebit}`, { iban: 'IT60X0542811101000000123456' });
  await control(sandbox, 'POST', '/clock', { advanceSeconds: 60 });
  await submit(`${sandbox.urls.stripe}${bank}`, { answer: 'no' });
  await submit(
    `${sandbox.urls.stripe}${(await payByCard(sandbox, threeDs, '4000002500003155')).headers.get('location') ?? ''}`,
    { answer: 'yes' },
  );
  const customer = await sdk.customers.create({ email: 'typed@example.com' });
  await sdk.customers.update(customer.id, { name: 'Typed' });
  return { open: await create(), paid: paid.session, failed, debit, threeDs, expired, customer: customer.id };
}

async function capture(): Promise<Sample[]> {
  const ids = await live();
  const samples: Sample[] = [];
  for (const state of ['open', 'paid', 'failed', 'debit', 'threeDs', 'expired'] as const) {
    const from = `session ${state}`;
    const expand = 'expand[]=line_items&expand[]=payment_intent.latest_charge.balance_transaction&expand[]=customer';
    const path = `checkout/sessions/${ids[state]}${state === 'open' ? '?expand[]=line_items' : `?${expand}`}`;
    samples.push({ type: 'Stripe.Checkout.Session', from, value: await wire(path) });
  }
  for (const [type, path] of [
    ['Stripe.ApiList<Stripe.Checkout.Session>', 'checkout/sessions?limit=100'],
    ['Stripe.ApiList<Stripe.LineItem>', `checkout/sessions/${ids.paid}/line_items`],
    ['Stripe.ApiList<Stripe.PaymentIntent>', 'payment_intents?limit=100'],
    ['Stripe.ApiList<Stripe.Charge>', 'charges?limit=100&expand[]=data.refunds'],
    ['Stripe.ApiList<Stripe.Refund>', 'refunds?limit=100'],
    ['Stripe.ApiList<Stripe.Dispute>', 'disputes?limit=100'],
    ['Stripe.ApiList<Stripe.Customer>', 'customers?limit=100'],
    ['Stripe.ApiList<Stripe.BalanceTransaction>', 'balance_transactions?limit=100&expand[]=data.source'],
    ['Stripe.Balance', 'balance'],
    ['Stripe.CountrySpec', 'country_specs/DE'],
    ['Stripe.Customer', `customers/${ids.customer}`],
  ] as const) {
    samples.push({ type, from: path, value: await wire(path) });
  }
  for (const event of sandbox.stripe.events.values()) {
    samples.push({ type: `Stripe.${eventType(event.type)}`, from: event.type, value: event });
  }
  return samples;
}

/** `charge.dispute.funds_withdrawn` is `ChargeDisputeFundsWithdrawnEvent`. */
function eventType(type: string): string {
  return `${type
    .split(/[._]/)
    .map((word) => (word[0] ?? '').toUpperCase() + word.slice(1))
    .join('')}Event`;
}

const EVERY_EVENT = [
  'charge.dispute.closed',
  'charge.dispute.created',
  'charge.dispute.funds_reinstated',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.updated',
  'charge.failed',
  'charge.pending',
  'charge.refunded',
  'charge.succeeded',
  'charge.updated',
  'checkout.session.async_payment_failed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.completed',
  'checkout.session.expired',
  'customer.created',
  'customer.updated',
  'payment_intent.canceled',
  'payment_intent.created',
  'payment_intent.payment_failed',
  'payment_intent.processing',
  'payment_intent.requires_action',
  'payment_intent.succeeded',
  'refund.created',
  'refund.failed',
  'refund.updated',
];

/** Copies of a good answer, each with one thing wrong: what the compiler must complain about, and all it may. */
function spoiled(balance: Record<string, unknown>): Sample[] {
  const { pending: _pending, ...missing } = balance;
  return [
    { type: 'Stripe.Balance', from: 'a missing field', value: missing },
    { type: 'Stripe.Balance', from: 'an unknown field', value: { ...balance, colour: 'red' } },
    { type: 'Stripe.Balance', from: 'a wrong kind', value: { ...balance, livemode: 'no' } },
  ];
}

describe("the sandbox's answers and events", () => {
  it("are what stripe-node's own types say, and anything else would be noticed", { timeout: 60_000 }, async () => {
    const samples = await capture();
    const seen = new Set(samples.map(({ from }) => from));
    expect(EVERY_EVENT.filter((type) => !seen.has(type))).toEqual([]);
    const wrong = spoiled((await wire('balance')) as Record<string, unknown>);
    const found = complaints([...samples, ...wrong]);
    expect(found.map((complaint) => complaint.split(':')[0])).toEqual(wrong.map(({ from }) => from));
  });
});
