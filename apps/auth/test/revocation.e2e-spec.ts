import { createServer } from 'node:http';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testRedisUrl } from '#libs/testing';
import { AuthApp, type TestUser } from './support/auth-app.js';
import { OtherService } from './support/other-service.js';

const NOWHERE = 'redis://127.0.0.1:1';
let auth: AuthApp;
let second: AuthApp;
let other: OtherService;
let withoutRedis: OtherService;
let redis: Redis;
let user: TestUser;

beforeAll(async () => {
  redis = new Redis(testRedisUrl());
  auth = await AuthApp.start();
  second = await AuthApp.start({}, auth);
  [other, withoutRedis] = await Promise.all([OtherService.start(auth.url), OtherService.start(auth.url, NOWHERE)]);
});
afterAll(async () => {
  await Promise.all([other.stop(), withoutRedis.stop()]);
  await second.stop();
  await auth.stop();
  redis.disconnect();
});
beforeEach(async () => {
  user = await auth.user();
});

async function statusAt(app: AuthApp, accessToken: string): Promise<number> {
  return (await app.as(accessToken, 'GET', '/users/me')).status;
}

/** Milliseconds until a replica of auth refuses the token. */
async function refusedBy(app: AuthApp, accessToken: string): Promise<number> {
  const from = performance.now();
  await app.eventually(async () => ((await statusAt(app, accessToken)) === 401 ? true : undefined));
  return performance.now() - from;
}

describe('a revoked access token', () => {
  it('is refused at once where it was revoked, and within two seconds everywhere else', async () => {
    const { accessToken, refreshToken } = await auth.login(user);
    expect(await Promise.all([other, withoutRedis].map((service) => service.statusOf(accessToken)))).toEqual([
      200, 200,
    ]);
    expect(await statusAt(second, accessToken)).toBe(200);
    await auth.call('POST', '/auth/logout', { refreshToken });
    expect(await statusAt(auth, accessToken)).toBe(401);
    const waits = await Promise.all([
      other.refuses(accessToken),
      withoutRedis.refuses(accessToken),
      refusedBy(second, accessToken),
    ]);
    for (const wait of waits) expect(wait).toBeLessThan(2_000);
  });

  it('takes the other sessions of the user with it only when all were ended', async () => {
    const [one, two] = [await auth.login(user), await auth.login(user)];
    await auth.call('POST', '/auth/logout', { refreshToken: one.refreshToken });
    await other.refuses(one.accessToken);
    expect(await other.statusOf(two.accessToken)).toBe(200);
    await auth.as(two.accessToken, 'POST', '/auth/logout-all');
    await other.refuses(two.accessToken);
    const fresh = await auth.login(user);
    expect(await other.statusOf(fresh.accessToken)).toBe(200);
    expect(await statusAt(auth, fresh.accessToken)).toBe(200);
  });

  it('leaves everybody else alone', async () => {
    const [mine, theirs] = [await auth.login(user), await auth.login(await auth.user())];
    await auth.as(mine.accessToken, 'POST', '/auth/logout-all');
    await other.refuses(mine.accessToken);
    expect(await other.statusOf(theirs.accessToken)).toBe(200);
  });

  it('stays refused after Redis was wiped, also by a service that starts afterwards', async () => {
    const { accessToken, refreshToken } = await auth.login(user);
    await auth.call('POST', '/auth/logout', { refreshToken });
    await other.refuses(accessToken);
    await redis.flushdb();
    const late = await OtherService.start(auth.url);
    try {
      expect(await late.statusOf(accessToken)).toBe(401);
      expect(await other.statusOf(accessToken)).toBe(401);
      await auth.eventually(async () => ((await redis.exists('auth:revocations:mark')) === 1 ? true : undefined));
      expect(await redis.zcard('auth:revocations')).toBeGreaterThan(0);
      expect(await late.statusOf(accessToken)).toBe(401);
    } finally {
      await late.stop();
    }
  });

  it('is announced with its reason', async () => {
    const { refreshToken } = await auth.login(user);
    await auth.call('POST', '/auth/logout', { refreshToken });
    const events = await auth.events('auth.session.revoked.v1');
    expect(events.at(-1)?.payload).toMatchObject({ reason: 'logout', sessionId: expect.any(String) });
  });

  it('shows nobody who left: the public list holds hashes only', async () => {
    const [row] = await auth.query<{ id: string }>('SELECT id FROM users WHERE email = $1', [user.email]);
    const { accessToken } = await auth.login(user);
    await auth.as(accessToken, 'POST', '/auth/logout-all');
    const list = await (await auth.call('GET', '/.well-known/revocations.json')).text();
    expect(JSON.parse(list)).toMatchObject({ revocations: expect.any(Array) });
    expect(list).not.toContain(row!.id);
  });
});

describe('a service that has never been able to read the list', () => {
  it('answers 503, for it cannot know which tokens are good', async () => {
    const { accessToken } = await auth.login(user);
    const answering = createServer((request, response) => {
      if (request.url?.endsWith('revocations.json')) response.writeHead(503).end();
      else void auth.call('GET', '/.well-known/jwks.json').then(async (jwks) => response.end(await jwks.text()));
    });
    await new Promise<void>((resolve) => answering.listen(0, '127.0.0.1', resolve));
    const { port } = answering.address() as { port: number };
    const blind = await OtherService.start(`http://127.0.0.1:${port}`, NOWHERE);
    try {
      expect(await blind.statusOf(accessToken)).toBe(503);
    } finally {
      await blind.stop();
      answering.closeAllConnections();
      answering.close();
    }
  });
});
