import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeysUnavailableError } from './access.errors.js';
import { RemoteKeySource } from './key-source.js';

const jwk = (kid: string) => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  kid,
  use: 'sig',
  alg: 'ES256',
});

describe('the remote key source', () => {
  let server: Server;
  let url: string;
  let reads: number;
  let published: unknown[];
  let status: number;
  let now: number;

  beforeEach(async () => {
    reads = 0;
    published = [jwk('a')];
    status = 200;
    now = 1_000_000;
    server = createServer((_request, response) => {
      reads += 1;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: published }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  });

  afterEach(() => new Promise<void>((resolve) => void server.close(() => resolve())));

  const source = () => new RemoteKeySource({ url, now: () => now });

  it('reads the document once for many tokens', async () => {
    const keys = source();
    await Promise.all(Array.from({ length: 50 }, () => keys.find('a')));
    expect(reads).toBe(1);
  });

  it('finds a key that was published later', async () => {
    const keys = source();
    await keys.find('a');
    published = [jwk('a'), jwk('b')];
    now += 31_000;
    expect(await keys.find('b')).toBeDefined();
  });

  it('lets a thousand made-up key ids cause one read per cooldown', async () => {
    const keys = source();
    await keys.find('a');
    now += 31_000;
    for (let i = 0; i < 1000; i += 1) expect(await keys.find(`made-up-${i}`)).toBeUndefined();
    expect(reads).toBe(2);
  });

  it('serves known keys stale while auth is down, for a day', async () => {
    const keys = source();
    await keys.find('a');
    status = 500;
    now += 11 * 60_000;
    expect(await keys.find('a')).toBeDefined();
    now += 25 * 3_600_000;
    await expect(keys.find('a')).rejects.toThrow(KeysUnavailableError);
  });

  it('answers "cannot know", not "no such key", while auth is down', async () => {
    status = 500;
    const keys = source();
    await expect(keys.find('a')).rejects.toThrow(KeysUnavailableError);
    status = 200;
    expect(await keys.find('a')).toBeDefined();
    status = 500;
    now += 31_000;
    await expect(keys.find('b')).rejects.toThrow(KeysUnavailableError);
  });

  it('forgets a key that is no longer published', async () => {
    const keys = source();
    await keys.find('a');
    published = [jwk('b')];
    now += 11 * 60_000;
    expect(await keys.find('a')).toBeUndefined();
  });
});
