import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AuthApp, newEmail, PASSWORD } from './support/auth-app.js';

const BREACHED = 'known from a breach';
const hash = createHash('sha1').update(BREACHED).digest('hex').toUpperCase();
let ranges: Server;
let auth: AuthApp;

beforeAll(async () => {
  ranges = createServer((request, reply) =>
    reply.end(request.url === `/range/${hash.slice(0, 5)}` ? `${hash.slice(5)}:9` : `${'0'.repeat(35)}:0`),
  ).listen(0, '127.0.0.1');
  await once(ranges, 'listening');
  auth = await AuthApp.start({ BREACH_CHECK_URL: `http://127.0.0.1:${(ranges.address() as AddressInfo).port}/range` });
});
afterAll(async () => {
  await auth.stop();
  ranges.close();
});

it('a password known from a breach is refused wherever one is set, and changes nothing', async () => {
  const refused = async (answer: Response): Promise<void> => {
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: 'password.weak', reason: 'breached' });
  };
  const email = newEmail();
  await refused(await auth.call('POST', '/auth/register', { email, password: BREACHED }));
  expect(await auth.query('SELECT FROM registrations WHERE email = $1', [email])).toEqual([]);

  const user = await auth.user();
  const { accessToken } = await auth.login(user);
  const change = { currentPassword: PASSWORD, newPassword: BREACHED };
  await refused(await auth.as(accessToken, 'POST', '/auth/password/change', change));

  await auth.call('POST', '/auth/password/forgot', { email: user.email });
  const token = await auth.linkTokenFor(user.email, 'auth.user.password_recovery_requested.v1');
  await refused(await auth.call('POST', '/auth/password/reset', { token, password: BREACHED }));
  expect((await auth.login(user)).accessToken).toBeTruthy();

  const fresh = { token, password: 'an entirely new password' };
  expect((await auth.call('POST', '/auth/password/reset', fresh)).status).toBe(200);
});
