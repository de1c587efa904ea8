import { invalidParam } from './errors.ts';
import type { StripeWorld } from './world.ts';

type Plain = Record<string, unknown>;

/** Replaces ids by their objects along each path (`payment_intent.latest_charge`, `data.customer`), on a copy. */
export function expanded(world: StripeWorld, object: object, paths: readonly string[]): object {
  if (paths.length === 0) return object;
  const copy = structuredClone(object) as Plain;
  for (const path of paths) follow(world, copy, path.split('.'), path);
  return copy;
}

function follow(world: StripeWorld, at: Plain, [key = '', ...rest]: string[], path: string): void {
  if (at['object'] === 'list' && key === 'data') {
    for (const item of at['data'] as Plain[]) follow(world, item, rest, path);
    return;
  }
  const found = expandKey(world, at, key, path);
  if (found === null) return;
  at[key] = found;
  if (rest.length === 0) return;
  if (Array.isArray(found)) throw cannotExpand(path);
  follow(world, found as Plain, rest, path);
}

function expandKey(world: StripeWorld, at: Plain, key: string, path: string): unknown {
  const value = at[key];
  if (value === null) return null;
  if (typeof value === 'string') {
    const object = lookUp(world, key, value);
    if (object === undefined) throw cannotExpand(path);
    return structuredClone(object);
  }
  if (typeof value === 'object') return value;
  if (at['object'] === 'checkout.session' && key === 'line_items') return lineItems(world, String(at['id']));
  if (at['object'] === 'charge' && key === 'refunds') return refundsOf(world, String(at['id']));
  throw cannotExpand(path);
}

function lookUp(world: StripeWorld, key: string, id: string): object | undefined {
  switch (key) {
    case 'payment_intent':
      return world.intents.get(id)?.intent;
    case 'latest_charge':
    case 'charge':
      return world.charges.get(id);
    case 'customer':
      return world.customers.get(id);
    case 'payment_method':
      return world.paymentMethods.get(id);
    case 'balance_transaction':
    case 'failure_balance_transaction':
      return world.balanceTransactions.get(id);
    case 'source':
      return world.charges.get(id) ?? world.refunds.get(id)?.refund ?? world.disputes.get(id);
    default:
      return undefined;
  }
}

function lineItems(world: StripeWorld, id: string): object {
  const lines = world.sessions.get(id)?.lines ?? [];
  return {
    object: 'list',
    data: lines.map(({ item }) => item),
    has_more: false,
    url: `/v1/checkout/sessions/${id}/line_items`,
  };
}

function refundsOf(world: StripeWorld, chargeId: string): object {
  const data = world.refunds
    .newestFirst()
    .map(({ refund }) => refund)
    .filter((refund) => refund.charge === chargeId);
  return { object: 'list', data, has_more: false, url: `/v1/charges/${chargeId}/refunds` };
}

function cannotExpand(path: string): Error {
  return invalidParam(`This property cannot be expanded (${path}).`, 'expand');
}
