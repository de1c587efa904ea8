import {
  commonSpecs,
  host,
  httpUrl,
  list,
  noSandboxInProduction,
  port,
  serviceKeys,
  settings,
  str,
  urlWith,
} from '#libs/config';

/** billing's environment. */
export class BillingConfig extends settings(
  {
    ...commonSpecs,
    BILLING_HOST: host({ default: '0.0.0.0', desc: 'Address billing listens on' }),
    BILLING_PORT: port({ default: 3002, desc: 'Port billing listens on' }),
    BILLING_PUBLIC_URL: httpUrl({ desc: 'Address browsers reach billing at', example: 'http://localhost:3002' }),
    BILLING_DATABASE_URL: urlWith(
      'postgres:',
      'postgresql:',
    )({
      desc: 'billing_db as the role billing_app',
      example: 'postgres://billing_app:secret@billing_db:5432/billing_db',
    }),
    BILLING_MONGODB_URL: urlWith(
      'mongodb:',
      'mongodb+srv:',
    )({ desc: 'MongoDB: the transaction history', example: 'mongodb://mongodb:27017/billing' }),
    BILLING_SERVICE_KEYS: serviceKeys({
      default: [],
      desc: 'Services that may read entitlements: `name:SHA-256 of its key in hex`, two of a name while one is replaced',
    }),
    STRIPE_SECRET_KEY: str({ desc: 'Stripe secret key', example: 'sk_test_...' }),
    STRIPE_WEBHOOK_SECRET: list({
      desc: 'Signing secrets of the webhook endpoint; two while one is being rotated',
      example: 'whsec_...',
    }),
    STRIPE_API_BASE: httpUrl({ default: undefined, desc: 'Sandbox instead of Stripe; unset for the real one' }),
    STRIPE_CHARGE_CURRENCIES: list({
      default: ['USD', 'EUR', 'CNY'],
      desc: 'Currencies cards are charged in, of those Stripe supports; roubles by card need RUB in it',
    }),
    BILLING_SECOND_PAYMENT: str({
      choices: ['extend', 'refund'] as const,
      default: 'extend',
      desc: 'A plan paid in two checkouts open at once: `extend` adds both, `refund` gives the second back',
    }),
    FX_PRIMARY_URL: httpUrl({
      default: 'https://open.er-api.com/v6/latest/USD',
      desc: 'Exchange rates: ExchangeRate-API, USD base',
    }),
    FX_FALLBACK_URL: httpUrl({
      default: 'https://www.cbr.ru/scripts/XML_daily.asp',
      desc: 'Exchange rates: Bank of Russia, the second opinion',
    }),
    FX_API_KEY: str({ default: '', desc: 'Key of ExchangeRate-API; empty uses its open access' }),
  },
  [
    noSandboxInProduction('STRIPE_API_BASE', 'FX_PRIMARY_URL', 'FX_FALLBACK_URL'),
    ({ STRIPE_SECRET_KEY: key, STRIPE_API_BASE: base }) =>
      /^(sk|rk)_live_/.test(key) && base
        ? ['STRIPE_API_BASE must be unset with a live key: live money meets no sandbox']
        : [],
    ({ STRIPE_API_BASE: base }) =>
      base && new URL(base).pathname !== '/' ? ['STRIPE_API_BASE must have no path: the SDK adds its own'] : [],
  ],
) {}
