import type Stripe from 'stripe';
import type { StripeApi } from './api.ts';
import { missing, StripeApiError } from './errors.ts';
import { listPage } from './listing.ts';
import { expandParam, integer, metadata, oneOf, paging, range, readParams, text } from './params.ts';
import { createRefund } from './refunds.ts';
import type { RefundRow, StripeWorld } from './world.ts';

/** `/v1/charges`, `/v1/refunds`. */
export function paymentRoutes(api: StripeApi, world: StripeWorld): void {
  charges(api, world);
  refunds(api, world);
}

function charges(api: StripeApi, world: StripeWorld): void {
  api.on('GET', '/v1/charges', ({ input }) => {
    const params = readParams({ ...paging, created: range, customer: text(), payment_intent: text() }, input, [
      'transfer_group',
    ]);
    const rows = world.charges
      .newestFirst()
      .filter(
        (charge) =>
          (params.created?.(charge.created) ?? true) &&
          (params.customer === undefined || charge.customer === params.customer) &&
          (params.payment_intent === undefined || charge.payment_intent === params.payment_intent),
      );
    return { body: listPage(rows, params, '/v1/charges'), expand: params.expand };
  });

  api.on('GET', '/v1/charges/:id', ({ id, input }) => {
    const { expand } = readParams({ expand: expandParam }, input);
    const charge = world.charges.get(id);
    if (!charge) throw missing('charge', id, 'id');
    return { body: charge, expand };
  });
}

function refunds(api: StripeApi, world: StripeWorld): void {
  api.on('POST', '/v1/refunds', ({ input }) => {
    const params = readParams(
      {
        amount: integer(1),
        charge: text(),
        expand: expandParam,
        metadata,
        payment_intent: text(),
        reason: oneOf('duplicate', 'fraudulent', 'requested_by_customer'),
      },
      input,
      ['currency', 'customer', 'instructions_email', 'origin', 'refund_application_fee', 'reverse_transfer'],
    );
    const charge = chargeToRefund(world, params.charge, params.payment_intent);
    return { body: createRefund(world, charge, params), expand: params.expand };
  });

  api.on('GET', '/v1/refunds', ({ input }) => {
    const params = readParams({ ...paging, created: range, charge: text(), payment_intent: text() }, input);
    const rows = world.refunds
      .newestFirst()
      .map(({ refund }) => refund)
      .filter(
        (refund) =>
          (params.created?.(refund.created) ?? true) &&
          (params.charge === undefined || refund.charge === params.charge) &&
          (params.payment_intent === undefined || refund.payment_intent === params.payment_intent),
      );
    return { body: listPage(rows, params, '/v1/refunds'), expand: params.expand };
  });

  api.on('GET', '/v1/refunds/:id', ({ id, input }) => {
    const { expand } = readParams({ expand: expandParam }, input);
    return { body: findRefund(world, id).refund, expand };
  });

  api.on('POST', '/v1/refunds/:id', ({ id, input }) => {
    const params = readParams({ expand: expandParam, metadata }, input);
    const row = findRefund(world, id);
    row.refund.metadata = mergeMetadata(row.refund.metadata, params.metadata);
    world.refunds.put(id, row);
    return { body: row.refund, expand: params.expand };
  });
}

function chargeToRefund(world: StripeWorld, chargeId: string | undefined, intentId: string | undefined): Stripe.Charge {
  if ((chargeId === undefined) === (intentId === undefined)) {
    const message = 'One of the following params should be provided for this request: payment_intent or charge.';
    throw new StripeApiError(400, {
      type: 'invalid_request_error',
      code: 'parameter_missing',
      message,
      param: 'payment_intent',
    });
  }
  if (chargeId !== undefined) {
    const charge = world.charges.get(chargeId);
    if (!charge) throw missing('charge', chargeId, 'charge', 400);
    return charge;
  }
  const row = world.intents.get(String(intentId));
  if (!row) throw missing('payment_intent', String(intentId), 'payment_intent', 400);
  const charge = world.charges.get(String(row.intent.latest_charge));
  if (row.intent.status !== 'succeeded' || !charge) {
    const message = `This PaymentIntent (${String(intentId)}) does not have a successful charge to refund.`;
    throw new StripeApiError(400, { type: 'invalid_request_error', message, param: 'payment_intent' }, true);
  }
  return charge;
}

function findRefund(world: StripeWorld, id: string): RefundRow {
  const row = world.refunds.get(id);
  if (!row) throw missing('refund', id, 'refund');
  return row;
}

/** New keys are added, given ones replaced, empty ones removed. */
export function mergeMetadata(
  old: Record<string, string> | null,
  given: Record<string, string> | undefined,
): Record<string, string> {
  const merged = Object.entries({ ...old, ...given }).filter(([, value]) => value !== '');
  return Object.fromEntries(merged);
}
