import type Stripe from 'stripe';
import type { StripeApi } from './api.ts';
import { invalidParam, missing } from './errors.ts';
import { EventBatch } from './events.ts';
import { listPage } from './listing.ts';
import { customer as buildCustomer } from './objects/customer.ts';
import { expandParam, integer, listOf, metadata, paging, range, readParams, required, text } from './params.ts';
import { mergeMetadata } from './routes-payments.ts';
import type { StripeWorld } from './world.ts';

const SHAPE = {
  description: text(),
  email: text(512),
  expand: expandParam,
  metadata,
  name: text(256),
  phone: text(20),
  preferred_locales: listOf(required(text(10))),
};

const ELSEWHERE = [
  'address',
  'balance',
  'business_name',
  'cash_balance',
  'individual_name',
  'invoice_prefix',
  'invoice_settings',
  'next_invoice_sequence',
  'payment_method',
  'shipping',
  'source',
  'tax',
  'tax_exempt',
  'tax_id_data',
  'test_clock',
  'validate',
];

/** `/v1/customers`: create, change, read, list, search. */
export function customerRoutes(api: StripeApi, world: StripeWorld): void {
  api.on('POST', '/v1/customers', ({ input }) => {
    const params = readParams(SHAPE, input, ELSEWHERE);
    const customer = buildCustomer({
      created: world.clock.seconds(),
      email: params.email ?? null,
      name: params.name ?? null,
      phone: params.phone ?? null,
      description: params.description ?? null,
      metadata: mergeMetadata({}, params.metadata),
      locales: params.preferred_locales ?? [],
    });
    world.customers.put(customer.id, customer);
    new EventBatch().add('customer.created', customer).publish(world);
    return { body: customer, expand: params.expand };
  });

  api.on('GET', '/v1/customers', ({ input }) => {
    const params = readParams({ ...paging, created: range, email: text(512) }, input, ['test_clock']);
    const rows = world.customers
      .newestFirst()
      .filter(
        (customer) =>
          (params.created?.(customer.created) ?? true) &&
          (params.email === undefined || customer.email === params.email),
      );
    return { body: listPage(rows, params, '/v1/customers'), expand: params.expand };
  });

  api.on('GET', '/v1/customers/search', ({ input }) => {
    const params = readParams({ query: required(text()), limit: integer(1), page: text(), expand: expandParam }, input);
    const matches = searchTerm(params.query);
    const found = world.customers.newestFirst().filter(matches);
    const start = params.page === undefined ? 0 : Number(params.page);
    if (!Number.isInteger(start) || start < 0) throw invalidParam('Invalid page', 'page');
    const end = start + (params.limit ?? 10);
    const next_page = found.length > end ? String(end) : null;
    const body = {
      object: 'search_result',
      data: found.slice(start, end),
      has_more: next_page !== null,
      next_page,
      url: '/v1/customers/search',
    };
    return { body, expand: params.expand };
  });

  api.on('GET', '/v1/customers/:id', ({ id, input }) => {
    const { expand } = readParams({ expand: expandParam }, input);
    return { body: find(world, id), expand };
  });

  api.on('POST', '/v1/customers/:id', ({ id, input }) => {
    const params = readParams(SHAPE, input, ELSEWHERE);
    const customer = find(world, id);
    const before = { email: customer.email, name: customer.name, metadata: customer.metadata };
    customer.metadata = mergeMetadata(customer.metadata, params.metadata);
    if (params.email !== undefined) customer.email = params.email;
    if (params.name !== undefined) customer.name = params.name;
    if (params.phone !== undefined) customer.phone = params.phone;
    if (params.description !== undefined) customer.description = params.description;
    if (params.preferred_locales !== undefined) customer.preferred_locales = params.preferred_locales;
    world.customers.put(id, customer);
    new EventBatch().add('customer.updated', customer, before).publish(world);
    return { body: customer, expand: params.expand };
  });
}

function find(world: StripeWorld, id: string): Stripe.Customer {
  const customer = world.customers.get(id);
  if (!customer) throw missing('customer', id, 'id');
  return customer;
}

/** One term of Stripe's search language: `email:"a@b.c"`, `name:"x"` or `metadata["key"]:"value"`. */
function searchTerm(query: string): (customer: Stripe.Customer) => boolean {
  const term = /^(email|name|metadata\[(["'])(?<key>.+?)\2\]):(["'])(?<value>.*)\4$/.exec(query.trim());
  if (!term?.groups) throw invalidParam(`We were unable to parse your search query: ${query}`, 'query');
  const { key, value } = term.groups;
  if (key !== undefined) return (customer) => customer.metadata[key] === value;
  return term[1] === 'email' ? (customer) => customer.email === value : (customer) => customer.name === value;
}
