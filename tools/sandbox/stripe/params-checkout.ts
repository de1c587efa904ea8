import { invalidParam } from './errors.ts';
import type { RawMap } from './form.ts';
import {
  expandParam,
  flag,
  integer,
  listOf,
  metadata,
  object,
  oneOf,
  type Reader,
  readParams,
  required,
  text,
} from './params.ts';

const URL_LIMIT = 5000;

const address: Reader<string | undefined> = (raw, name) => {
  const value = text(URL_LIMIT)(raw, name);
  if (value !== undefined && !/^https?:\/\/[^\s/]+/.test(value)) {
    throw invalidParam('Not a valid URL', name, 'url_invalid');
  }
  return value;
};

const email: Reader<string | undefined> = (raw, name) => {
  const value = text(512)(raw, name);
  if (value !== undefined && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) {
    throw invalidParam(`Invalid email address: ${value}`, name, 'email_invalid');
  }
  return value;
};

/** A switch that this double only knows in its off position. */
const offOnly: Reader<boolean | undefined> = (raw, name) => {
  if (flag(raw, name))
    throw invalidParam(`[sandbox] ${name}=true exists at Stripe but is not modelled by this sandbox.`, name);
  return raw === undefined ? undefined : false;
};

const priceData = object(
  {
    currency: required(text(3)),
    product_data: required(
      object(
        {
          name: required(text(250)),
          description: text(40_000),
          images: listOf(text(), 8),
          metadata,
          tax_code: text(),
          unit_label: text(12),
        },
        ['tax_details'],
      ),
    ),
    tax_behavior: oneOf('exclusive', 'inclusive', 'unspecified'),
    unit_amount: required(integer(0)),
  },
  ['product', 'recurring', 'unit_amount_decimal'],
);

const line = object({ price_data: required(priceData), quantity: required(integer(1)) }, [
  'adjustable_quantity',
  'metadata',
  'price',
  'tax_rates',
]);

const intentData = object(
  {
    capture_method: oneOf('automatic', 'automatic_async'),
    description: text(1000),
    metadata,
    receipt_email: email,
    statement_descriptor: text(22),
    statement_descriptor_suffix: text(22),
  },
  ['application_fee_amount', 'on_behalf_of', 'setup_future_usage', 'shipping', 'transfer_data', 'transfer_group'],
);

const SHAPE = {
  adaptive_pricing: object({ enabled: offOnly }),
  allow_promotion_codes: offOnly,
  allowed_payment_method_types: listOf(
    oneOf('card', 'sepa_debit', 'alipay', 'wechat_pay', 'link', 'paypal', 'klarna', 'ideal', 'bancontact'),
  ),
  automatic_tax: object({ enabled: offOnly }),
  billing_address_collection: oneOf('auto', 'required'),
  cancel_url: address,
  client_reference_id: text(200),
  currency: text(3),
  customer: text(),
  customer_creation: oneOf('always', 'if_required'),
  customer_email: email,
  expand: expandParam,
  expires_at: integer(0),
  invoice_creation: object({ enabled: offOnly }),
  line_items: required(listOf(required(line))),
  locale: text(10),
  metadata,
  mode: required(oneOf('payment', 'setup', 'subscription')),
  payment_intent_data: intentData,
  phone_number_collection: object({ enabled: offOnly }),
  submit_type: oneOf('auto', 'book', 'donate', 'pay', 'subscribe'),
  success_url: required(address),
  ui_mode: oneOf('hosted_page', 'embedded_page', 'elements', 'form'),
};

const ELSEWHERE = [
  'after_expiration',
  'branding_settings',
  'consent_collection',
  'custom_fields',
  'custom_text',
  'customer_account',
  'customer_update',
  'discounts',
  'excluded_payment_method_types',
  'integration_identifier',
  'managed_payments',
  'name_collection',
  'optional_items',
  'origin_context',
  'payment_method_collection',
  'payment_method_configuration',
  'payment_method_data',
  'payment_method_options',
  'permissions',
  'redirect_on_completion',
  'return_url',
  'saved_payment_method_options',
  'setup_intent_data',
  'shipping_address_collection',
  'shipping_options',
  'subscription_data',
  'tax_id_collection',
  'wallet_options',
];

export type SessionParams = ReturnType<typeof readSession>;

/** Parameters of a new session; `payment_method_types` has been unknown to Stripe since 2026-09-30. */
export function readSession(input: RawMap) {
  const params = readParams(SHAPE, input, ELSEWHERE);
  for (const [name, value, only] of [
    ['mode', params.mode, 'payment'],
    ['ui_mode', params.ui_mode ?? 'hosted_page', 'hosted_page'],
  ] as const) {
    if (value !== only)
      throw invalidParam(`[sandbox] ${name}=${value} exists at Stripe but is not modelled by this sandbox.`, name);
  }
  if (params.line_items.length === 0)
    throw invalidParam('Missing required param: line_items.', 'line_items', 'parameter_missing');
  return params;
}
