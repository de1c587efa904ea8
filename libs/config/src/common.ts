import { bool, str } from 'envalid';
import { amqpUrls, httpUrl, key32, list, urlWith } from './validators.js';

/** Settings every service has. */
export const commonSpecs = {
  NODE_ENV: str({
    choices: ['development', 'test', 'production'],
    default: 'production',
    desc: 'production refuses sandbox addresses and weak secrets',
  }),
  LOG_LEVEL: str({
    choices: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    default: 'info',
    desc: 'How much is logged, as JSON lines on standard output',
  }),
  REDIS_URL: urlWith(
    'redis:',
    'rediss:',
  )({ desc: 'Redis: limits, Bull queues, caches', example: 'redis://redis:6379' }),
  RABBITMQ_URL: amqpUrls({
    desc: 'RabbitMQ; several nodes of a cluster separated by commas',
    example: 'amqp://guest:guest@rabbitmq:5672',
  }),
  MESSAGING_NAMESPACE: str({ default: '', desc: 'Prefix of the exchange and the queues, for sharing a broker' }),
  AUTH_ISSUER: httpUrl({
    desc: "auth's public address: the `iss` of every access token",
    example: 'http://localhost:3001',
  }),
  AUTH_JWKS_URL: httpUrl({
    desc: "Where auth's public keys are read from",
    example: 'http://auth_backend:3001/.well-known/jwks.json',
  }),
  CORS_ORIGINS: list({ default: [], desc: 'Origins of browser applications that may call the API, comma separated' }),
  TRUST_PROXY: list({ default: [], desc: 'Addresses or subnets of reverse proxies whose X-Forwarded-For is believed' }),
  EVENT_SECRETS_KEY: key32({
    desc: '32 bytes in base64, the same in auth and notification: seals links inside events (openssl rand -base64 32)',
  }),
  JAEGER_CONFIGURE_TRACER: bool({ default: false, desc: 'Send traces to Jaeger over OTLP' }),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl({
    default: 'http://localhost:4318',
    desc: 'Where traces are sent (OTLP over HTTP)',
  }),
  ALLOW_SANDBOX: bool({ default: false, desc: 'Lets a production start use sandbox providers: demonstrations only' }),
};

/** What the sandbox rule needs to know. */
interface SandboxRelevant {
  NODE_ENV: string;
  ALLOW_SANDBOX: boolean;
}

/**
 * A rule that refuses, in production, provider addresses that are plain http: they are sandboxes, and money or identities
 * would come from them. `ALLOW_SANDBOX=true` lifts it for demonstrations.
 */
export function noSandboxInProduction<S extends SandboxRelevant>(...names: (keyof S & string)[]) {
  return (settings: S): string[] => {
    if (settings.NODE_ENV !== 'production' || settings.ALLOW_SANDBOX) return [];
    return names
      .filter((name) => String(settings[name] ?? '').startsWith('http://'))
      .map(
        (name) =>
          `${name} points at a sandbox (plain http), which production refuses; unset it or set ALLOW_SANDBOX=true`,
      );
  };
}
