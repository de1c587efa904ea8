import type Stripe from 'stripe';
import { checkAmount } from './amounts.ts';
import type { StripeApi } from './api.ts';
import { findCard, type TestCard } from './cards.ts';
import { invalidParam, missing, StripeApiError } from './errors.ts';
import { EventBatch } from './events.ts';
import { newId } from './ids.ts';
import { listPage } from './listing.ts';
import { paymentIntent } from './objects/payment-intent.ts';
import {
  expandParam,
  flag,
  integer,
  metadata,
  object,
  oneOf,
  paging,
  range,
  readParams,
  required,
  text,
} from './params.ts';
import { payByCard } from './payments.ts';
import type { IntentRow, StripeWorld } from './world.ts';

/** Stripe's ready-made test payment methods, and the cards they stand for. */
const TEST_METHODS: Record<string, string> = {
  pm_card_visa: '4242424242424242',
  pm_card_mastercard: '5555555555554444',
  pm_card_chargeDeclined: '4000000000000002',
  pm_card_visa_chargeDeclined: '4000000000000002',
  pm_card_chargeDeclinedInsufficientFunds: '4000000000009995',
  pm_card_authenticationRequired: '4000002760003184',
  pm_card_createDispute: '4000000000000259',
  pm_card_refundFail: '4000000000005126',
  pm_card_pendingRefund: '4000000000007726',
};

const ELSEWHERE = [
  'amount_details',
  'application_fee_amount',
  'capture_method',
  'confirmation_method',
  'confirmation_token',
  'customer_account',
  'error_on_requires_action',
  'excluded_payment_method_types',
  'hooks',
  'mandate',
  'mandate_data',
  'on_behalf_of',
  'payment_details',
  'payment_method_configuration',
  'payment_method_data',
  'payment_method_options',
  'radar_options',
  'setup_future_usage',
  'shipping',
  'statement_descriptor',
  'statement_descriptor_suffix',
  'transfer_data',
  'transfer_group',
  'use_stripe_sdk',
];

/** `/v1/payment_intents`: create (and confirm with a test payment method), confirm, cancel, read, list. */
export function intentRoutes(api: StripeApi, world: StripeWorld): void {
  api.on('POST', '/v1/payment_intents', ({ input }) => {
    const params = readParams(
      {
        amount: required(integer(1)),
        automatic_payment_methods: object({ enabled: required(flag), allow_redirects: oneOf('always', 'never') }),
        confirm: flag,
        currency: required(text(3)),
        customer: text(),
        description: text(1000),
        expand: expandParam,
        metadata,
        off_session: flag,
        payment_method: text(),
        receipt_email: text(512),
        return_url: text(),
      },
      input,
      ELSEWHERE,
    );
    const currency = params.currency.toLowerCase();
    checkAmount(params.amount, currency, world.settings.currencies, 'amount');
    if (params.confirm && params.payment_method === undefined) {
      throw invalidParam(
        'You must provide a payment method to confirm this PaymentIntent.',
        'payment_method',
        'parameter_missing',
      );
    }
    const card = params.payment_method === undefined ? undefined : testCard(params.payment_method);
    const intent = paymentIntent({
      id: newId('pi_3', 23),
      created: world.clock.seconds(),
      amount: params.amount,
      currency,
      customer: params.customer ?? null,
      description: params.description ?? null,
      receiptEmail: params.receipt_email ?? null,
      metadata: params.metadata ?? {},
      statementDescriptor: null,
      statementDescriptorSuffix: null,
      paymentMethodTypes: ['card'],
    });
    const row: IntentRow = { intent, sessionId: null, waiting: null };
    world.intents.put(intent.id, row);
    const batch = new EventBatch().add('payment_intent.created', intent);
    if (params.confirm && card) confirm(world, row, card, batch);
    else batch.publish(world);
    return { body: intent, expand: params.expand };
  });

  api.on('POST', '/v1/payment_intents/:id/confirm', ({ id, input }) => {
    const params = readParams(
      {
        expand: expandParam,
        off_session: flag,
        payment_method: required(text()),
        receipt_email: text(512),
        return_url: text(),
      },
      input,
      ELSEWHERE,
    );
    const row = open(world, id, 'confirm');
    confirm(world, row, testCard(params.payment_method), new EventBatch());
    return { body: row.intent, expand: params.expand };
  });

  api.on('POST', '/v1/payment_intents/:id/cancel', ({ id, input }) => {
    const params = readParams(
      {
        cancellation_reason: oneOf('abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'),
        expand: expandParam,
      },
      input,
    );
    const row = open(world, id, 'cancel');
    row.waiting = null;
    Object.assign(row.intent, {
      status: 'canceled',
      canceled_at: world.clock.seconds(),
      cancellation_reason: params.cancellation_reason ?? null,
      next_action: null,
    });
    world.intents.put(id, row);
    new EventBatch().add('payment_intent.canceled', row.intent).publish(world);
    return { body: row.intent, expand: params.expand };
  });

  api.on('GET', '/v1/payment_intents', ({ input }) => {
    const params = readParams({ ...paging, created: range, customer: text() }, input, ['customer_account']);
    const rows = world.intents
      .newestFirst()
      .map(({ intent }) => intent)
      .filter(
        (intent) =>
          (params.created?.(intent.created) ?? true) &&
          (params.customer === undefined || intent.customer === params.customer),
      );
    return { body: listPage(rows, params, '/v1/payment_intents'), expand: params.expand };
  });

  api.on('GET', '/v1/payment_intents/:id', ({ id, input }) => {
    const { expand } = readParams({ expand: expandParam, client_secret: text() }, input);
    return { body: find(world, id).intent, expand };
  });
}

/** A decline is 402 with the intent inside, after everything was written down and announced. */
function confirm(world: StripeWorld, row: IntentRow, card: TestCard, batch: EventBatch): void {
  const payer = { email: row.intent.receipt_email, name: null, country: null };
  const result = payByCard(world, row, card, payer, batch);
  batch.publish(world);
  if (result.status !== 'declined') return;
  const { decline } = result;
  throw new StripeApiError(
    402,
    {
      type: 'card_error',
      code: decline.code,
      decline_code: decline.declineCode,
      message: decline.message,
      charge: row.intent.latest_charge,
      payment_intent: structuredClone(row.intent),
    },
    true,
  );
}

function testCard(method: string): TestCard {
  const card = findCard(TEST_METHODS[method] ?? '');
  if (!card) throw missing('PaymentMethod', method, 'payment_method', 400);
  return card;
}

function find(world: StripeWorld, id: string): IntentRow {
  const row = world.intents.get(id);
  if (!row) throw missing('payment_intent', id, 'intent');
  return row;
}

function open(world: StripeWorld, id: string, action: 'cancel' | 'confirm'): IntentRow {
  const row = find(world, id);
  const { status }: Stripe.PaymentIntent = row.intent;
  if (row.sessionId !== null) {
    const message = `This PaymentIntent belongs to a Checkout Session and cannot be used to ${action} directly.`;
    throw new StripeApiError(400, { type: 'invalid_request_error', message }, true);
  }
  if (status === 'succeeded' || status === 'canceled' || status === 'processing') {
    const message = `You cannot ${action} this PaymentIntent because it has a status of ${status}.`;
    const body = {
      type: 'invalid_request_error',
      code: 'payment_intent_unexpected_state',
      message,
      payment_intent: row.intent,
    };
    throw new StripeApiError(400, body, true);
  }
  return row;
}
