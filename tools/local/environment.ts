import { at, type Ports } from './addresses.ts';
import type { Secrets } from './secrets.ts';
import type { StoreUrls } from './store-urls.ts';

/** What the sandbox's doubles and the services must both be told. */
const SANDBOX_KEYS = {
  STRIPE_SECRET_KEY: 'sk_test_sandbox',
  STRIPE_WEBHOOK_SECRET: 'whsec_sandbox',
  GOOGLE_CLIENT_ID: 'sandbox.apps.googleusercontent.com',
  GOOGLE_CLIENT_SECRET: 'sandbox-google-secret',
};

/** Per provider: the variable that says "the real one", and what the sandbox needs instead. */
function providerSettings(ports: Ports): { realWhenGiven: string; sandbox: Record<string, string> }[] {
  const { STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET } = SANDBOX_KEYS;
  return [
    {
      realWhenGiven: 'STRIPE_SECRET_KEY',
      sandbox: { STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, STRIPE_API_BASE: at(ports.stripe) },
    },
    {
      realWhenGiven: 'GOOGLE_CLIENT_ID',
      sandbox: {
        GOOGLE_CLIENT_ID,
        GOOGLE_CLIENT_SECRET,
        GOOGLE_AUTH_URL: `${at(ports.google)}/o/oauth2/v2/auth`,
        GOOGLE_TOKEN_URL: `${at(ports.google)}/oauth2/v4/token`,
        GOOGLE_USERINFO_URL: `${at(ports.google)}/oauth2/v3/userinfo`,
      },
    },
    {
      realWhenGiven: 'FX_PRIMARY_URL',
      sandbox: {
        FX_PRIMARY_URL: `${at(ports.fx)}/v6/latest/USD`,
        FX_FALLBACK_URL: `${at(ports.fx)}/scripts/XML_daily.asp`,
      },
    },
    { realWhenGiven: 'SMTP_URL', sandbox: { SMTP_URL: `smtp://127.0.0.1:${ports.smtp}` } },
  ];
}

/** What the environment of the services is made of. */
export interface EnvironmentParts {
  /** The developer's own environment: whatever it sets wins. */
  given: NodeJS.ProcessEnv;
  ports: Ports;
  stores: StoreUrls;
  secrets: Secrets;
}

/** The environment of the three services and their commands. */
export function serviceEnvironment({ given, ports, stores, secrets }: EnvironmentParts): NodeJS.ProcessEnv {
  const providers = providerSettings(ports).filter(({ realWhenGiven }) => !given[realWhenGiven]);
  const defaults = {
    NODE_ENV: 'development',
    AUTH_ISSUER: given['AUTH_PUBLIC_URL'] ?? at(ports.auth),
    AUTH_JWKS_URL: `${at(ports.auth)}/.well-known/jwks.json`,
    AUTH_HOST: '127.0.0.1',
    AUTH_PORT: String(ports.auth),
    AUTH_PUBLIC_URL: at(ports.auth),
    // The notification panel and billing's subscription page sign in at auth from their own origins.
    CORS_ORIGINS: [ports.notification, ports.billing]
      .flatMap((port) => ['127.0.0.1', 'localhost'].map((host) => `http://${host}:${port}`))
      .join(','),
    BILLING_HOST: '127.0.0.1',
    BILLING_PORT: String(ports.billing),
    BILLING_PUBLIC_URL: at(ports.billing),
    NOTIFICATION_HOST: '127.0.0.1',
    NOTIFICATION_PORT: String(ports.notification),
    NOTIFICATION_PUBLIC_URL: at(ports.notification),
    MAIL_FROM: 'Cinema <no-reply@cinema.example>',
    ...secrets,
  };
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  return Object.assign({}, defaults, ...providers.map(({ sandbox }) => sandbox), set, stores) as NodeJS.ProcessEnv;
}

/** The environment of the provider sandbox that belongs to those services. */
export function sandboxEnvironment(
  services: NodeJS.ProcessEnv,
  ports: Ports,
  stateDirectory: string,
): NodeJS.ProcessEnv {
  return {
    ...services,
    ...SANDBOX_KEYS,
    SANDBOX_CONTROL_PORT: String(ports.control),
    SANDBOX_STRIPE_PORT: String(ports.stripe),
    SANDBOX_GOOGLE_PORT: String(ports.google),
    SANDBOX_FX_PORT: String(ports.fx),
    SANDBOX_MAILBOX_PORT: String(ports.mailbox),
    SANDBOX_SMTP_PORT: String(ports.smtp),
    SANDBOX_STATE_DIR: stateDirectory,
    SANDBOX_GOOGLE_REDIRECT_URIS: ['127.0.0.1', 'localhost']
      .map((host) => `http://${host}:${ports.auth}/oauth/google/callback`)
      .join(','),
    STRIPE_WEBHOOK_URL: `${at(ports.billing)}/webhooks/stripe`,
  };
}
