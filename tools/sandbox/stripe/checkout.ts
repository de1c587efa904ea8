import type Stripe from 'stripe';
import { TEST_IBANS, type TestCard } from './cards.ts';
import { EventBatch } from './events.ts';
import { newId } from './ids.ts';
import { customer as buildCustomer } from './objects/customer.ts';
import { paymentIntent } from './objects/payment-intent.ts';
import { EMPTY_ADDRESS, type Payer } from './objects/wire.ts';
import { finishAuthentication, payByCard, payByDebit, type PaymentResult, settleDebit } from './payments.ts';
import type { IntentRow, SessionRow, StripeWorld } from './world.ts';

/** What the payer chose on the hosted page. */
export type Choice = { by: 'card'; card: TestCard } | { by: 'sepa_debit'; iban: keyof typeof TEST_IBANS };

/** Pays an open session; the result is null when it is no longer open. */
export function paySession(world: StripeWorld, row: SessionRow, choice: Choice, payer: Payer): PaymentResult | null {
  expireIfDue(world, row);
  if (row.session.status !== 'open') return null;
  const batch = new EventBatch();
  const intentRow = intentOf(world, row, batch);
  const result =
    choice.by === 'card'
      ? payByCard(world, intentRow, choice.card, payer, batch)
      : payByDebit(world, intentRow, choice.iban, TEST_IBANS[choice.iban], payer, batch);
  finish(world, row, result, payer, batch);
  batch.publish(world);
  return result;
}

/** The payer comes back from the bank's page; null when nothing waited for it. */
export function authenticate(world: StripeWorld, intentRow: IntentRow, passed: boolean): PaymentResult | null {
  if (intentRow.waiting?.for !== 'authentication') return null;
  const row = intentRow.sessionId === null ? undefined : world.sessions.get(intentRow.sessionId);
  if (row) expireIfDue(world, row);
  if (row && row.session.status !== 'open') return null;
  const { payer } = intentRow.waiting;
  const batch = new EventBatch();
  const result = finishAuthentication(world, intentRow, passed, batch);
  if (row && result) finish(world, row, result, payer, batch);
  batch.publish(world);
  return result;
}

/** A bank debit settles or fails after the session was completed. */
export function settle(world: StripeWorld, intentRow: IntentRow, outcome: 'succeeds' | 'fails'): PaymentResult | null {
  const batch = new EventBatch();
  const result = settleDebit(world, intentRow, outcome, batch);
  if (!result) return null;
  const row = intentRow.sessionId === null ? undefined : world.sessions.get(intentRow.sessionId);
  if (row) {
    if (result.status === 'succeeded') row.session.payment_status = 'paid';
    world.sessions.put(row.session.id, row);
    const type =
      result.status === 'succeeded'
        ? 'checkout.session.async_payment_succeeded'
        : 'checkout.session.async_payment_failed';
    batch.add(type, row.session);
  }
  batch.publish(world);
  return result;
}

/** Closes an open session for good, by the clock or by the API. */
export function expire(world: StripeWorld, row: SessionRow): void {
  const batch = new EventBatch();
  row.session.status = 'expired';
  row.session.url = null;
  world.sessions.put(row.session.id, row);
  batch.add('checkout.session.expired', row.session);
  const intentRow = world.intents.get(String(row.session.payment_intent));
  if (intentRow && intentRow.intent.status !== 'succeeded') {
    intentRow.waiting = null;
    Object.assign(intentRow.intent, {
      status: 'canceled',
      canceled_at: world.clock.seconds(),
      cancellation_reason: 'automatic',
      next_action: null,
    });
    world.intents.put(intentRow.intent.id, intentRow);
    batch.add('payment_intent.canceled', intentRow.intent);
  }
  batch.publish(world);
}

/** Expires an open session whose time has come by the sandbox clock. */
export function expireIfDue(world: StripeWorld, row: SessionRow): void {
  if (row.session.status === 'open' && row.session.expires_at <= world.clock.seconds()) expire(world, row);
}

function finish(world: StripeWorld, row: SessionRow, result: PaymentResult, payer: Payer, batch: EventBatch): void {
  if (result.status !== 'succeeded' && result.status !== 'processing') return;
  const { session } = row;
  if (session.customer_creation === 'always') {
    const created = buildCustomer({
      created: world.clock.seconds(),
      email: payer.email,
      name: payer.name,
      phone: null,
      description: null,
      metadata: {},
      locales: [],
    });
    world.customers.put(created.id, created);
    session.customer = created.id;
    batch.add('customer.created', created);
  }
  session.status = 'complete';
  session.payment_status = result.status === 'succeeded' ? 'paid' : 'unpaid';
  session.url = null;
  session.customer_details = customerDetails(payer);
  world.sessions.put(session.id, row);
  batch.add('checkout.session.completed', session);
}

function customerDetails(payer: Payer): Stripe.Checkout.Session.CustomerDetails {
  return {
    address: { ...EMPTY_ADDRESS, country: payer.country },
    business_name: null,
    email: payer.email,
    individual_name: null,
    name: payer.name,
    phone: null,
    tax_exempt: 'none',
    tax_ids: [],
  };
}

/** One intent per session, made when somebody first tries to pay. */
function intentOf(world: StripeWorld, row: SessionRow, batch: EventBatch): IntentRow {
  const { session, intentData } = row;
  const known = world.intents.get(String(session.payment_intent));
  if (known) return known;
  const intent = paymentIntent({
    id: newId('pi_3', 23),
    created: world.clock.seconds(),
    amount: session.amount_total ?? 0,
    currency: session.currency ?? '',
    customer: typeof session.customer === 'string' ? session.customer : null,
    paymentMethodTypes: session.payment_method_types,
    ...intentData,
  });
  session.payment_intent = intent.id;
  world.sessions.put(session.id, row);
  batch.add('payment_intent.created', intent);
  return world.intents.put(intent.id, { intent, sessionId: session.id, waiting: null });
}
