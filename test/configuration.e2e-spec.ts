import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** Starts a service with exactly this environment and collects what it says before it ends. */
async function start(app: string, env: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [`dist/apps/${app}/src/main.js`], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
}

const production = {
  NODE_ENV: 'production',
  REDIS_URL: 'redis://127.0.0.1:1',
  RABBITMQ_URL: 'amqp://127.0.0.1:1',
  AUTH_ISSUER: 'https://auth.example.com',
  AUTH_JWKS_URL: 'https://auth.example.com/.well-known/jwks.json',
  EVENT_SECRETS_KEY: Buffer.alloc(32, 7).toString('base64'),
  BILLING_PUBLIC_URL: 'https://billing.example.com',
  BILLING_DATABASE_URL: 'postgres://billing_app@127.0.0.1:1/billing_db',
  BILLING_MONGODB_URL: 'mongodb://127.0.0.1:1/billing',
  STRIPE_SECRET_KEY: 'sk_live_0123456789abcdef',
  STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef',
};

describe('a service with a faulty configuration', () => {
  it.each([
    ['auth', ['AUTH_DATABASE_URL', 'AUTH_KEY_ENCRYPTION_SECRET', 'AUTH_COOKIE_SECRET']],
    ['billing', ['BILLING_DATABASE_URL', 'BILLING_MONGODB_URL', 'STRIPE_SECRET_KEY']],
    ['notification', ['NOTIFICATION_MONGODB_URL', 'SMTP_URL']],
  ])('%s refuses to start and lists every fault at once', async (app, own) => {
    const { code, said } = await start(app, {
      RABBITMQ_URL: 'http://not-a-broker',
      EVENT_SECRETS_KEY: 'c2hvcnQ=',
      [`${app.toUpperCase()}_PORT`]: 'many',
    });
    expect(code).toBe(1);
    for (const name of [...own, 'REDIS_URL', 'AUTH_ISSUER']) expect(said).toContain(`${name} is missing`);
    for (const name of ['RABBITMQ_URL', 'EVENT_SECRETS_KEY', `${app.toUpperCase()}_PORT`]) {
      expect(said).toContain(`${name} is malformed`);
    }
    expect(said).not.toMatch(/\n\s+at /);
  });

  it('billing refuses sandbox providers in production', async () => {
    const { code, said } = await start('billing', { ...production, STRIPE_API_BASE: 'http://127.0.0.1:4501' });
    expect(code).toBe(1);
    expect(said).toContain('STRIPE_API_BASE');
    expect(said).toContain('sandbox');
  });
});
