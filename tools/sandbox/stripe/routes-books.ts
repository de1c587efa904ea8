import type Stripe from 'stripe';
import type { StripeApi } from './api.ts';
import { missing } from './errors.ts';
import { listPage } from './listing.ts';
import type { WireEvent } from './objects/wire.ts';
import { expandParam, flag, listOf, paging, range, readParams, required, text } from './params.ts';
import type { StripeWorld } from './world.ts';

const EVENT_LIFE_SECONDS = 30 * 86_400;
const SETTLEMENT_COUNTRIES: Record<string, string> = {
  US: 'usd',
  GB: 'gbp',
  DE: 'eur',
  FR: 'eur',
  IE: 'eur',
  NL: 'eur',
  CY: 'eur',
};

/** `/v1/events`, `/v1/balance`, `/v1/balance_transactions`, `/v1/country_specs`. */
export function bookRoutes(api: StripeApi, world: StripeWorld): void {
  events(api, world);
  balance(api, world);

  api.on('GET', '/v1/country_specs/:id', ({ id, input }) => {
    const { expand } = readParams({ expand: expandParam }, input);
    const currency = SETTLEMENT_COUNTRIES[id];
    if (currency === undefined) throw missing('country_spec', id, 'country');
    return { body: countrySpec(id, currency, world.settings.currencies), expand };
  });
}

function events(api: StripeApi, world: StripeWorld): void {
  api.on('GET', '/v1/events', ({ input }) => {
    const params = readParams(
      { ...paging, created: range, delivery_success: flag, type: text(), types: listOf(required(text()), 20) },
      input,
    );
    const oldest = world.clock.seconds() - EVENT_LIFE_SECONDS;
    const rows = world.events
      .newestFirst()
      .filter(
        (event) =>
          event.created >= oldest &&
          (params.created?.(event.created) ?? true) &&
          (params.type === undefined || matchesType(params.type, event.type)) &&
          (params.types === undefined || params.types.includes(event.type)) &&
          (params.delivery_success === undefined || delivered(world, event.id) === params.delivery_success),
      );
    const page = listPage(rows, params, '/v1/events');
    return { body: { ...page, data: page.data.map((event) => rendered(world, event)) }, expand: params.expand };
  });

  api.on('GET', '/v1/events/:id', ({ id, input }) => {
    const { expand } = readParams({ expand: expandParam }, input);
    const event = world.events.get(id);
    if (!event) throw missing('event', id, 'id');
    return { body: rendered(world, event), expand };
  });
}

/** `charge.*` stands for a whole family. */
function matchesType(asked: string, type: string): boolean {
  return asked.endsWith('.*') ? type.startsWith(asked.slice(0, -1)) : type === asked;
}

/** As it was sent, but for the number of deliveries still owed. */
function rendered(world: StripeWorld, event: WireEvent): WireEvent {
  return { ...event, pending_webhooks: delivered(world, event.id) ? 0 : 1 };
}

function delivered(world: StripeWorld, eventId: string): boolean {
  return world.deliveries.get(eventId)?.state === 'delivered';
}

function balance(api: StripeApi, world: StripeWorld): void {
  api.on('GET', '/v1/balance', ({ input }) => {
    const { expand } = readParams({ expand: expandParam }, input);
    return { body: currentBalance(world), expand };
  });

  api.on('GET', '/v1/balance_transactions', ({ input }) => {
    const params = readParams({ ...paging, created: range, currency: text(3), source: text(), type: text() }, input, [
      'payout',
    ]);
    const rows = world.balanceTransactions
      .newestFirst()
      .map((line) => dated(world, line))
      .filter(
        (line) =>
          (params.created?.(line.created) ?? true) &&
          (params.currency === undefined || line.currency === params.currency) &&
          (params.source === undefined || line.source === params.source) &&
          (params.type === undefined || line.type === params.type),
      );
    return { body: listPage(rows, params, '/v1/balance_transactions'), expand: params.expand };
  });

  api.on('GET', '/v1/balance_transactions/:id', ({ id, input }) => {
    const { expand } = readParams({ expand: expandParam }, input);
    const line = world.balanceTransactions.get(id);
    if (!line) throw missing('balance_transaction', id, 'id');
    return { body: dated(world, line), expand };
  });
}

/** Money becomes available two days after it was taken. */
function dated(world: StripeWorld, line: Stripe.BalanceTransaction): Stripe.BalanceTransaction {
  return { ...line, status: line.available_on <= world.clock.seconds() ? 'available' : 'pending' };
}

function currentBalance(world: StripeWorld): Stripe.Balance {
  const sums = new Map<string, { available: number; pending: number }>();
  for (const currency of world.settings.currencies) sums.set(currency, { available: 0, pending: 0 });
  for (const line of world.balanceTransactions.values()) {
    const sum = sums.get(line.currency) ?? { available: 0, pending: 0 };
    if (line.available_on <= world.clock.seconds()) sum.available += line.net;
    else sum.pending += line.net;
    sums.set(line.currency, sum);
  }
  const rows = [...sums];
  return {
    object: 'balance',
    available: rows.map(([currency, { available }]) => ({
      amount: available,
      currency,
      source_types: { card: available },
    })),
    livemode: false,
    pending: rows.map(([currency, { pending }]) => ({ amount: pending, currency, source_types: { card: pending } })),
    refund_and_dispute_prefunding: {
      available: rows.map(([currency]) => ({ amount: 0, currency })),
      pending: rows.map(([currency]) => ({ amount: 0, currency })),
    },
  };
}

function countrySpec(id: string, currency: string, currencies: readonly string[]): Stripe.CountrySpec {
  const fields = {
    additional: [],
    minimum: ['business_profile.url', 'external_account', 'tos_acceptance.date', 'tos_acceptance.ip'],
  };
  return {
    id,
    object: 'country_spec',
    default_currency: currency,
    supported_bank_account_currencies: Object.fromEntries(currencies.map((code) => [code, [id]])),
    supported_payment_currencies: [...currencies],
    supported_payment_methods: ['card', 'stripe'],
    supported_transfer_countries: Object.keys(SETTLEMENT_COUNTRIES),
    verification_fields: { company: fields, individual: fields },
  };
}
