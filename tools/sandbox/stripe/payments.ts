import type Stripe from 'stripe';
import { enter } from './books.ts';
import { processingFee } from './amounts.ts';
import { AUTHENTICATION_FAILED, type Decline, findCard, type TestCard } from './cards.ts';
import type { EventBatch } from './events.ts';
import { newId } from './ids.ts';
import { charge as buildCharge } from './objects/charge.ts';
import { type Instrument, paymentMethod } from './objects/payment-method.ts';
import type { Payer } from './objects/wire.ts';
import { openDispute } from './disputes.ts';
import type { IntentRow, StripeWorld } from './world.ts';

export type PaymentResult =
  | { status: 'succeeded' }
  | { status: 'processing' }
  | { status: 'requires_action' }
  | { status: 'declined'; decline: Decline };

/** Charges a test card, or sends the payer to the bank's page when the card asks for it. */
export function payByCard(
  world: StripeWorld,
  row: IntentRow,
  card: TestCard,
  payer: Payer,
  batch: EventBatch,
): PaymentResult {
  if (card.authenticate) {
    const { intent } = row;
    intent.status = 'requires_action';
    const url = `${world.settings.publicUrl()}/3ds/${intent.id}`;
    intent.next_action = { type: 'redirect_to_url', redirect_to_url: { return_url: null, url } };
    row.waiting = { for: 'authentication', number: card.number, payer };
    world.intents.put(intent.id, row);
    batch.add('payment_intent.requires_action', intent);
    return { status: 'requires_action' };
  }
  return settleCard(world, row, card, payer, false, batch);
}

/** The payer's answer on the bank's page. */
export function finishAuthentication(
  world: StripeWorld,
  row: IntentRow,
  passed: boolean,
  batch: EventBatch,
): PaymentResult | null {
  if (row.waiting?.for !== 'authentication') return null;
  const { number, payer } = row.waiting;
  const card = findCard(number);
  if (!card) return null;
  row.waiting = null;
  row.intent.next_action = null;
  if (passed) return settleCard(world, row, card, payer, true, batch);
  const method = keepMethod(world, { type: 'card', number, brand: card.brand, authenticated: false }, payer);
  fail(world, row, AUTHENTICATION_FAILED, method, null, batch);
  return { status: 'declined', decline: AUTHENTICATION_FAILED };
}

function settleCard(
  world: StripeWorld,
  row: IntentRow,
  card: TestCard,
  payer: Payer,
  authenticated: boolean,
  batch: EventBatch,
): PaymentResult {
  row.waiting = null;
  const instrument: Instrument = { type: 'card', number: card.number, brand: card.brand, authenticated };
  const method = keepMethod(world, instrument, payer);
  if (card.decline) {
    const charge = newCharge(world, row, method, instrument, payer, 'failed', card.decline);
    batch.add('charge.failed', charge);
    fail(world, row, card.decline, method, charge, batch);
    return { status: 'declined', decline: card.decline };
  }
  const charge = newCharge(world, row, method, instrument, payer, 'succeeded', null);
  row.intent.payment_method = method.id;
  succeed(world, row, charge, batch);
  if (card.disputed) openDispute(world, charge, { amount: charge.amount, reason: 'fraudulent' }, batch);
  return { status: 'succeeded' };
}

/** Takes a bank debit: the money is not there yet. */
export function payByDebit(
  world: StripeWorld,
  row: IntentRow,
  iban: string,
  outcome: 'succeeds' | 'fails',
  payer: Payer,
  batch: EventBatch,
): PaymentResult {
  const instrument: Instrument = { type: 'sepa_debit', iban };
  const method = keepMethod(world, instrument, payer);
  const charge = newCharge(world, row, method, instrument, payer, 'pending', null);
  row.intent.payment_method = method.id;
  row.intent.latest_charge = charge.id;
  row.intent.status = 'processing';
  const dueAt = world.clock.seconds() + world.settings.asyncSeconds;
  row.waiting = { for: 'settlement', outcome, dueAt };
  world.promise(dueAt);
  world.intents.put(row.intent.id, row);
  batch.add('charge.pending', charge).add('payment_intent.processing', row.intent);
  return { status: 'processing' };
}

/** The bank's late answer to a debit; null when the payment waits for none. */
export function settleDebit(
  world: StripeWorld,
  row: IntentRow,
  outcome: 'succeeds' | 'fails',
  batch: EventBatch,
): PaymentResult | null {
  const charge = world.charges.get(String(row.intent.latest_charge));
  if (row.waiting?.for !== 'settlement' || !charge) return null;
  row.waiting = null;
  if (outcome === 'succeeds') {
    charge.status = 'succeeded';
    charge.paid = true;
    charge.receipt_url = receiptUrl(world, charge.id);
    succeed(world, row, charge, batch);
    return { status: 'succeeded' };
  }
  const decline: Decline = {
    code: 'payment_method_provider_decline',
    declineCode: 'insufficient_funds',
    message: 'The payment failed: the account has insufficient funds.',
  };
  Object.assign(charge, { status: 'failed', failure_code: decline.code, failure_message: decline.message });
  Object.assign(charge, { captured: false, amount_captured: 0 });
  world.charges.put(charge.id, charge);
  batch.add('charge.failed', charge);
  const method = world.paymentMethods.get(String(charge.payment_method));
  if (method) fail(world, row, decline, method, charge, batch);
  return { status: 'declined', decline };
}

function succeed(world: StripeWorld, row: IntentRow, charge: Stripe.Charge, batch: EventBatch): void {
  const { intent } = row;
  batch.add('charge.succeeded', charge);
  Object.assign(intent, {
    status: 'succeeded',
    amount_received: intent.amount,
    latest_charge: charge.id,
    last_payment_error: null,
    next_action: null,
  });
  world.intents.put(intent.id, row);
  batch.add('payment_intent.succeeded', intent);
  const entry = enter(world, {
    currency: charge.currency,
    amount: charge.amount,
    fee: processingFee(charge.amount),
    source: charge.id,
    type: charge.payment_method_details?.type === 'card' ? 'charge' : 'payment',
    category: 'charge',
    description: charge.description,
  });
  charge.balance_transaction = entry.id;
  world.charges.put(charge.id, charge);
  batch.add('charge.updated', charge, { balance_transaction: null });
}

function fail(
  world: StripeWorld,
  row: IntentRow,
  decline: Decline,
  method: Stripe.PaymentMethod,
  charge: Stripe.Charge | null,
  batch: EventBatch,
): void {
  Object.assign(row.intent, {
    status: 'requires_payment_method',
    payment_method: null,
    next_action: null,
    latest_charge: charge?.id ?? row.intent.latest_charge,
  });
  row.intent.last_payment_error = {
    ...(charge && { charge: charge.id }),
    code: decline.code as Stripe.PaymentIntent.LastPaymentError.Code,
    ...(decline.declineCode && { decline_code: decline.declineCode }),
    doc_url: `https://stripe.com/docs/error-codes/${decline.code.replaceAll('_', '-')}`,
    message: decline.message,
    payment_method: method,
    type: charge ? 'card_error' : 'invalid_request_error',
  };
  world.intents.put(row.intent.id, row);
  batch.add('payment_intent.payment_failed', row.intent);
}

function keepMethod(world: StripeWorld, instrument: Instrument, payer: Payer): Stripe.PaymentMethod {
  const method = paymentMethod(instrument, payer, world.clock.seconds());
  return world.paymentMethods.put(method.id, method);
}

function newCharge(
  world: StripeWorld,
  row: IntentRow,
  method: Stripe.PaymentMethod,
  instrument: Instrument,
  payer: Payer,
  status: 'succeeded' | 'pending' | 'failed',
  decline: Decline | null,
): Stripe.Charge {
  const id = newId(instrument.type === 'card' ? 'ch_3' : 'py_3', 23);
  const charge = buildCharge({
    id,
    created: world.clock.seconds(),
    intent: row.intent,
    paymentMethod: method.id,
    instrument,
    payer,
    status,
    decline,
    receiptUrl: receiptUrl(world, id),
  });
  return world.charges.put(id, charge);
}

function receiptUrl(world: StripeWorld, chargeId: string): string {
  return `${world.settings.publicUrl()}/receipts/${chargeId}`;
}
