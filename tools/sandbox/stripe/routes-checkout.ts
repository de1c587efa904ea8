import type Stripe from 'stripe';
import { checkAmount, checkCurrency } from './amounts.ts';
import type { StripeApi } from './api.ts';
import { expire, expireIfDue } from './checkout.ts';
import { invalidParam, missing, StripeApiError } from './errors.ts';
import { newId } from './ids.ts';
import { listPage } from './listing.ts';
import { checkoutSession } from './objects/checkout-session.ts';
import { type Line, lineItem } from './objects/line-item.ts';
import { readSession, type SessionParams } from './params-checkout.ts';
import { expandParam, oneOf, paging, range, readParams, text } from './params.ts';
import type { SessionRow, StripeWorld } from './world.ts';

const HALF_HOUR = 30 * 60;
const DAY = 24 * 3600;

/** `/v1/checkout/sessions`: create, read, list, expire, line items. */
export function checkoutRoutes(api: StripeApi, world: StripeWorld): void {
  api.on('POST', '/v1/checkout/sessions', ({ input }) => {
    const params = readSession(input);
    return { body: createSession(world, params), expand: params.expand };
  });

  api.on('GET', '/v1/checkout/sessions', ({ input }) => {
    const params = readParams(
      {
        ...paging,
        created: range,
        customer: text(),
        payment_intent: text(),
        status: oneOf('open', 'complete', 'expired'),
      },
      input,
      ['customer_account', 'customer_details', 'payment_link', 'subscription'],
    );
    for (const row of world.sessions.values()) expireIfDue(world, row);
    const rows = world.sessions
      .newestFirst()
      .map(({ session }) => session)
      .filter(
        (session) =>
          (params.created?.(session.created) ?? true) &&
          (params.customer === undefined || session.customer === params.customer) &&
          (params.payment_intent === undefined || session.payment_intent === params.payment_intent) &&
          (params.status === undefined || session.status === params.status),
      );
    return { body: listPage(rows, params, '/v1/checkout/sessions'), expand: params.expand };
  });

  api.on('GET', '/v1/checkout/sessions/:id', ({ id, input }) => {
    const { expand } = readParams({ expand: expandParam }, input);
    return { body: find(world, id).session, expand };
  });

  api.on('POST', '/v1/checkout/sessions/:id', ({ id, input }) => {
    readParams({ expand: expandParam }, input, ['metadata', 'collected_information', 'shipping_options', 'line_items']);
    return { body: find(world, id).session };
  });

  api.on('POST', '/v1/checkout/sessions/:id/expire', ({ id, input }) => {
    const { expand } = readParams({ expand: expandParam }, input);
    const row = find(world, id);
    if (row.session.status !== 'open') {
      const message = `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${row.session.status}\`.`;
      throw new StripeApiError(400, { type: 'invalid_request_error', message, param: 'session' }, true);
    }
    expire(world, row);
    return { body: row.session, expand };
  });

  api.on('GET', '/v1/checkout/sessions/:id/line_items', ({ id, input }) => {
    const params = readParams(paging, input);
    const items = find(world, id).lines.map(({ item }) => item);
    return { body: listPage(items, params, `/v1/checkout/sessions/${id}/line_items`), expand: params.expand };
  });
}

function find(world: StripeWorld, id: string): SessionRow {
  const row = world.sessions.get(id);
  if (!row) throw missing('checkout.session', id, 'session');
  expireIfDue(world, row);
  return row;
}

function createSession(world: StripeWorld, params: SessionParams): Stripe.Checkout.Session {
  const created = world.clock.seconds();
  const lines = readLines(world, params, created);
  const currency = lines[0]?.item.currency ?? '';
  const amount = lines.reduce((sum, { item }) => sum + item.amount_total, 0);
  checkAmount(amount, currency, world.settings.currencies, 'line_items');
  const expiresAt = params.expires_at ?? created + DAY;
  checkExpiry(expiresAt, created);
  if (params.customer !== undefined && !world.customers.get(params.customer)) {
    throw missing('customer', params.customer, 'customer', 400);
  }
  if (params.customer !== undefined && params.customer_email !== undefined) {
    throw invalidParam('You may only specify one of these parameters: customer, customer_email.', 'customer_email');
  }
  const id = newId('cs_test_a1', 56);
  const data = params.payment_intent_data;
  const session = checkoutSession({
    id,
    url: `${world.settings.publicUrl()}/c/pay/${id}`,
    created,
    expiresAt,
    amount,
    currency,
    successUrl: params.success_url,
    cancelUrl: params.cancel_url ?? null,
    clientReferenceId: params.client_reference_id ?? null,
    customer: params.customer ?? null,
    customerEmail: params.customer_email ?? null,
    customerCreation: params.customer_creation ?? 'if_required',
    metadata: params.metadata ?? {},
    locale: params.locale ?? null,
    submitType: params.submit_type ?? null,
    allowedTypes: params.allowed_payment_method_types ?? null,
    paymentMethodTypes: offeredTypes(params, currency),
    billingAddressCollection: params.billing_address_collection ?? null,
  });
  world.sessions.put(id, {
    session,
    lines,
    intentData: {
      description: data?.description ?? null,
      receiptEmail: data?.receipt_email ?? null,
      metadata: data?.metadata ?? {},
      statementDescriptor: data?.statement_descriptor ?? null,
      statementDescriptorSuffix: data?.statement_descriptor_suffix ?? null,
    },
  });
  world.promise(expiresAt);
  return session;
}

function readLines(world: StripeWorld, params: SessionParams, created: number): Line[] {
  const currencies = new Set(params.line_items.map((line) => line.price_data.currency.toLowerCase()));
  if (currencies.size > 1) {
    throw invalidParam(
      'The price specified supports currencies that differ from the currency of other line items.',
      'line_items',
    );
  }
  return params.line_items.map((line, index) => {
    const name = `line_items[${index}][price_data]`;
    const { price_data: price } = line;
    checkCurrency(price.currency.toLowerCase(), world.settings.currencies, `${name}[currency]`);
    if (params.currency !== undefined && params.currency !== price.currency) {
      throw invalidParam('The currency of the session differs from that of its line items.', 'currency');
    }
    return lineItem({
      name: price.product_data.name,
      description: price.product_data.description ?? null,
      unitAmount: price.unit_amount,
      quantity: line.quantity,
      currency: price.currency.toLowerCase(),
      productMetadata: price.product_data.metadata ?? {},
      created,
    });
  });
}

function checkExpiry(expiresAt: number, created: number): void {
  if (expiresAt < created + HALF_HOUR) {
    throw invalidParam(
      'The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.',
      'expires_at',
    );
  }
  if (expiresAt > created + DAY) {
    throw invalidParam(
      'The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.',
      'expires_at',
    );
  }
}

/** SEPA debits are euro only; the allow-list filters what is offered. */
function offeredTypes(params: SessionParams, currency: string): string[] {
  const offered = ['card', ...(currency === 'eur' ? ['sepa_debit'] : [])];
  const allowed = params.allowed_payment_method_types;
  const types = allowed ? offered.filter((type) => allowed.some((one) => one === type)) : offered;
  if (types.length === 0) {
    throw invalidParam(
      'No payment method types are available for this session with the given allowed types and currency.',
      'allowed_payment_method_types',
    );
  }
  return types;
}
