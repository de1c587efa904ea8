/** Everything the sandbox can be told. Port 0 takes any free port. */
export interface SandboxOptions {
  host: string;
  ports: { control: number; stripe: number; google: number; fx: number; mailbox: number; smtp: number };
  /** Addresses a browser uses, when they differ from host and port (containers). */
  publicUrls: { stripe?: string; google?: string; mailbox?: string };
  stateDir?: string;
  controlToken: string;
  seed: number;
  stripe: {
    webhookUrl: string;
    webhookSecret: string;
    /** Seconds before each retry, multiplied by `retryFactor`. */
    retrySeconds: number[];
    retryFactor: number;
    /** How long the receiver may take to answer, in milliseconds. */
    timeoutMs: number;
    currencies: string[];
    /** Seconds a bank debit stays in processing before it settles by itself. */
    asyncSeconds: number;
  };
  google: { clientId: string; clientSecret: string; redirectUris: string[] };
  fx: { apiKey: string };
  mail: { keep: number };
}

/** Reads the sandbox's settings, all of them optional, from the environment. */
export function optionsFromEnv(env: Record<string, string | undefined>): SandboxOptions {
  return {
    host: env['SANDBOX_HOST'] ?? '127.0.0.1',
    ports: {
      control: port(env, 'SANDBOX_CONTROL_PORT', 4500),
      stripe: port(env, 'SANDBOX_STRIPE_PORT', 4501),
      google: port(env, 'SANDBOX_GOOGLE_PORT', 4502),
      fx: port(env, 'SANDBOX_FX_PORT', 4503),
      mailbox: port(env, 'SANDBOX_MAILBOX_PORT', 4504),
      smtp: port(env, 'SANDBOX_SMTP_PORT', 4525),
    },
    publicUrls: {
      stripe: env['SANDBOX_STRIPE_PUBLIC_URL'] || undefined,
      google: env['SANDBOX_GOOGLE_PUBLIC_URL'] || undefined,
      mailbox: env['SANDBOX_MAILBOX_PUBLIC_URL'] || undefined,
    },
    stateDir: env['SANDBOX_STATE_DIR'] || undefined,
    controlToken: env['SANDBOX_CONTROL_TOKEN'] || 'sandbox',
    seed: number(env, 'SANDBOX_SEED', 1),
    stripe: {
      webhookUrl: env['STRIPE_WEBHOOK_URL'] ?? 'http://127.0.0.1:3002/webhooks/stripe',
      webhookSecret: env['STRIPE_WEBHOOK_SECRET'] || 'whsec_sandbox',
      retrySeconds: [1, 5, 30, 60, 120, 300, 600, 1800, 3600, 7200],
      retryFactor: number(env, 'SANDBOX_STRIPE_RETRY_FACTOR', 1),
      timeoutMs: 10_000,
      currencies: list(env, 'SANDBOX_STRIPE_CURRENCIES', ['usd', 'eur', 'gbp', 'cny']),
      asyncSeconds: number(env, 'SANDBOX_STRIPE_ASYNC_SECONDS', 20),
    },
    google: {
      clientId: env['GOOGLE_CLIENT_ID'] || 'sandbox.apps.googleusercontent.com',
      clientSecret: env['GOOGLE_CLIENT_SECRET'] || 'sandbox-google-secret',
      redirectUris: list(env, 'SANDBOX_GOOGLE_REDIRECT_URIS', [
        'http://127.0.0.1:3001/oauth/google/callback',
        'http://localhost:3001/oauth/google/callback',
      ]),
    },
    fx: { apiKey: env['FX_API_KEY'] ?? '' },
    mail: { keep: number(env, 'SANDBOX_MAIL_KEEP', 5000) },
  };
}

function number(env: Record<string, string | undefined>, name: string, fallback: number): number {
  const given = env[name];
  if (given === undefined || given === '') return fallback;
  const value = Number(given);
  if (!Number.isFinite(value) || value < 0) throw new Error(`${name} is a number of at least 0, not "${given}"`);
  return value;
}

function port(env: Record<string, string | undefined>, name: string, fallback: number): number {
  const value = number(env, name, fallback);
  if (!Number.isInteger(value) || value > 65_535) throw new Error(`${name} is a port from 0 to 65535`);
  return value;
}

function list(env: Record<string, string | undefined>, name: string, fallback: string[]): string[] {
  const given = env[name];
  if (!given) return fallback;
  return given
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
