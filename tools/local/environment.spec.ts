import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LOCAL_PORTS, localPorts } from './addresses.ts';
import { isInstalled } from './bootstrap.mjs';
import { serviceEnvironment } from './environment.ts';
import { startTimeInStat, stateInStat } from './process-identity.ts';
import { keptSecrets, type Secrets } from './secrets.ts';
import { givenUrls, type StoreUrls } from './store-urls.ts';
import { tellingLine } from './telling-line.ts';
import { mayRestart } from './supervisor.ts';
import { changedServices, outcomeOf } from './watch.ts';

const secrets: Secrets = { EVENT_SECRETS_KEY: 'a', AUTH_KEY_ENCRYPTION_SECRET: 'b', AUTH_COOKIE_SECRET: 'c' };
const stores = { REDIS_URL: 'redis://private' } as StoreUrls;
const environment = (given: NodeJS.ProcessEnv) => serviceEnvironment({ given, ports: LOCAL_PORTS, stores, secrets });

describe('the environment of the services', () => {
  it('points at the sandbox when no provider key is given', () => {
    expect(environment({})).toMatchObject({
      STRIPE_API_BASE: 'http://127.0.0.1:4501',
      GOOGLE_TOKEN_URL: 'http://127.0.0.1:4502/oauth2/v4/token',
      SMTP_URL: 'smtp://127.0.0.1:4525',
      NODE_ENV: 'development',
    });
  });

  it('leaves a real provider alone, and only that one', () => {
    const env = environment({ STRIPE_SECRET_KEY: 'sk_test_mine', STRIPE_WEBHOOK_SECRET: 'whsec_mine' });
    expect(env).toMatchObject({
      STRIPE_SECRET_KEY: 'sk_test_mine',
      STRIPE_WEBHOOK_SECRET: 'whsec_mine',
      GOOGLE_CLIENT_ID: 'sandbox.apps.googleusercontent.com',
    });
    expect(env).not.toHaveProperty('STRIPE_API_BASE');
  });

  it('lets the developer override anything but the stores it started', () => {
    expect(environment({ LOG_LEVEL: 'debug', MAIL_FROM: 'me@example.com', AUTH_COOKIE_SECRET: '' })).toMatchObject({
      LOG_LEVEL: 'debug',
      MAIL_FROM: 'me@example.com',
      AUTH_COOKIE_SECRET: 'c',
      REDIS_URL: 'redis://private',
    });
  });

  it('moves a service to the port that its own variable names', () => {
    expect(localPorts({ BILLING_PORT: '4002' })).toMatchObject({ auth: 3001, billing: 4002 });
  });
});

describe('a store in the environment', () => {
  it('is used when it is named completely and private otherwise', () => {
    expect(givenUrls('redis', { REDIS_URL: 'redis://r' })).toEqual({ REDIS_URL: 'redis://r' });
    expect(givenUrls('redis', { REDIS_URL: '' })).toBeUndefined();
  });

  it('is refused when it is named by half', () => {
    expect(() => givenUrls('mongo', { BILLING_MONGODB_URL: 'mongodb://b' })).toThrow(
      /^NOTIFICATION_MONGODB_URL missing\. Set BILLING_MONGODB_URL/,
    );
  });
});

describe('secrets', () => {
  it('stay the same from run to run', () => {
    const directory = mkdtempSync(join(tmpdir(), 'secrets-'));
    const first = keptSecrets(directory);
    expect(Buffer.from(first.EVENT_SECRETS_KEY, 'base64')).toHaveLength(32);
    expect(keptSecrets(directory)).toEqual(first);
    rmSync(directory, { recursive: true });
  });
});

describe('installed dependencies', () => {
  const locked = {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0', optional: true },
  };

  it('are complete without the optional ones of other platforms', () => {
    expect(isInstalled(locked, { 'node_modules/a': { version: '1.0.0' } })).toBe(true);
  });

  it('are incomplete when one is missing or has another version', () => {
    expect(isInstalled(locked, {})).toBe(false);
    expect(isInstalled(locked, { 'node_modules/a': { version: '1.0.1' } })).toBe(false);
    expect(
      isInstalled(locked, { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.9.0' } }),
    ).toBe(false);
  });
});

describe('a process', () => {
  it('is known by its start time even when its name has spaces and brackets', () => {
    const stat = `7 (a) b) Z 1 ${Array.from({ length: 17 }, (_, i) => i).join(' ')} 4242 0`;
    expect(startTimeInStat(stat)).toBe('4242');
    expect(stateInStat(stat)).toBe('Z');
  });

  it('that keeps ending is not started for ever', () => {
    expect(mayRestart([1, 2, 3, 4], 5)).toBe(true);
    expect(mayRestart([1, 2, 3, 4, 5], 6)).toBe(false);
    expect(mayRestart([1, 2, 3, 4, 5], 90_000)).toBe(true);
  });
});

describe('the output of a command', () => {
  it('is told by its line about the error, not by the stack below it', () => {
    expect(tellingLine('starting\nQueryFailedError: relation "x" is missing\n    at Query.run (a.js:1)\nbye\n')).toBe(
      'QueryFailedError: relation "x" is missing',
    );
    expect(tellingLine('throw new Error("no");\n      ^\nError: no\n')).toBe('Error: no');
    expect(
      tellingLine('{"level":30,"msg":"up"}\n{"level":60,"msg":"boot","err":{"message":"cannot reach auth_db"}}\n'),
    ).toBe('cannot reach auth_db');
    expect(tellingLine('one\ntwo\n')).toBe('two');
  });
});

describe('the watching compiler', () => {
  it('is understood', () => {
    expect(outcomeOf('[8:01:02 AM] Found 0 errors. Watching for file changes.')).toBe('clean');
    expect(outcomeOf('[8:01:02 AM] Found 12 errors. Watching for file changes.')).toBe('errors');
    expect(outcomeOf('File change detected. Starting incremental compilation...')).toBeUndefined();
  });

  it('restarts only the services whose build changed', () => {
    const before = { migrations: 'm', services: { auth: '1', billing: '1', notification: '1' } };
    expect(changedServices(before, { ...before, services: { auth: '1', billing: '2', notification: '1' } })).toEqual([
      'billing',
    ]);
  });
});
