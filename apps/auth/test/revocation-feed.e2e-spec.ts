import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testRedisUrl, uniqueName } from '#libs/testing';
import { AuthApp } from './support/auth-app.js';
import { OtherService } from './support/other-service.js';

/** auth's own user in Redis, whose rights a test can take away. */
const FEED = uniqueName('feed');
let redis: Redis;
let auth: AuthApp;
let other: OtherService;

beforeAll(async () => {
  redis = new Redis(testRedisUrl());
  await redis.acl('SETUSER', FEED, 'on', '>secret', '~*', '+@all');
  const url = new URL(testRedisUrl());
  [url.username, url.password] = [FEED, 'secret'];
  auth = await AuthApp.start({ REDIS_URL: url.href });
  other = await OtherService.start(auth.url);
});
afterAll(async () => {
  await other.stop();
  await auth.stop();
  await redis.acl('DELUSER', FEED);
  redis.disconnect();
});

it('a token revoked while Redis can be read but takes no writes is refused everywhere within two seconds', async () => {
  const user = await auth.user();
  const [one, two] = [await auth.login(user), await auth.login(user)];
  await auth.eventually(async () => ((await redis.exists('auth:revocations:mark')) === 1 ? true : undefined));
  for (const { accessToken } of [one, two]) expect(await other.statusOf(accessToken)).toBe(200);
  await redis.acl('SETUSER', FEED, '-zadd');
  await auth.call('POST', '/auth/logout', { refreshToken: one.refreshToken });
  expect(await other.refuses(one.accessToken)).toBeLessThan(2_000);
  expect(await other.statusOf(two.accessToken)).toBe(200);

  await redis.acl('SETUSER', FEED, '+zadd');
  await auth.eventually(async () => ((await redis.exists('auth:revocations:mark')) === 1 ? true : undefined));
  await auth.call('POST', '/auth/logout', { refreshToken: two.refreshToken });
  expect(await other.refuses(two.accessToken)).toBeLessThan(2_000);
});
