import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { signInAdministrator } from '../tools/demo/administrator.ts';
import { call, callJson } from '../tools/demo/client.ts';
import type { Tokens } from '../tools/demo/shapes.ts';
import { startTestStack, type TestStack } from '../tools/local/test-stack.ts';
import { appoint, newUser } from './authorization/people.js';

const BOUND_MS = 2_000;

const SERVICES = ['auth', 'billing', 'notification'] as const;
type Service = (typeof SERVICES)[number];
/** A route of each service by who may read it. */
const ROUTES = {
  everyUser: { auth: '/users/me', billing: '/accounts', notification: '/notifications/unread-count' },
  administrators: { auth: '/admin/users', billing: '/admin/payments?limit=1', notification: '/admin/templates' },
};
type Routes = Record<Service, string>;

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack({ seed: true });
});

afterAll(() => stack?.stop());

async function statusAt(service: Service, path: string, token: string): Promise<number> {
  return (await fetch(`${stack.url[service]}${path}`, { headers: { authorization: `Bearer ${token}` } })).status;
}

const statusesAt = (routes: Routes, token: string): Promise<number[]> =>
  Promise.all(SERVICES.map((service) => statusAt(service, routes[service], token)));

/** Asks the services until each refuses the token, and sees to it that all do so in time. */
async function expectRefusal(what: string, routes: Routes, token: string): Promise<void> {
  const from = performance.now();
  const refused = async (service: Service): Promise<number> => {
    while ((await statusAt(service, routes[service], token)) !== 401) {
      if (performance.now() - from > 10 * BOUND_MS) throw new Error(`${service} still takes the token`);
    }
    return performance.now() - from;
  };
  const waits = await Promise.all(SERVICES.map(refused));
  const times = SERVICES.map((service, i) => `${service} ${waits[i]!.toFixed(0)} ms`).join(', ');
  process.stdout.write(`${what}: refused after ${times}\n`);
  for (const wait of waits) expect(wait).toBeLessThan(BOUND_MS);
}

describe('a user who is blocked while holding a live token', () => {
  it('is refused by auth, billing and notification within two seconds, and may watch nothing until let in again', async () => {
    const viewer = { email: 'viewer@example.com', password: 'correct horse battery' };
    const { accessToken: admin } = await signInAdministrator(stack.url.auth, stack.superuser);
    const { accessToken: live } = await callJson<Tokens>(`${stack.url.auth}/auth/login`, {
      method: 'POST',
      body: viewer,
    });
    expect(await statusesAt(ROUTES.everyUser, live)).toEqual([200, 200, 200]);
    const { id } = await callJson<{ id: string }>(`${stack.url.auth}/users/me`, { token: live });
    await call(`${stack.url.auth}/admin/users/${id}/block`, {
      method: 'POST',
      token: admin,
      status: 204,
      body: { reason: 'abuse' },
    });
    await expectRefusal('blocked', ROUTES.everyUser, live);

    const withheld = async (): Promise<string | null> =>
      (await callJson<{ withheld: string | null }>(`${stack.url.billing}/entitlements/${id}`, { token: admin }))
        .withheld;
    await vi.waitUntil(async () => (await withheld()) === 'blocked', { timeout: BOUND_MS, interval: 50 });
    await call(`${stack.url.auth}/admin/users/${id}/unblock`, { method: 'POST', token: admin, status: 204 });
    await vi.waitUntil(async () => (await withheld()) === null, { timeout: BOUND_MS, interval: 50 });
  });
});

describe('a user who deletes the account while holding a live token', () => {
  it('is refused by auth, billing and notification within two seconds', async () => {
    const { tokens } = await newUser(stack);
    expect(await statusesAt(ROUTES.everyUser, tokens.accessToken)).toEqual([200, 200, 200]);
    await call(`${stack.url.auth}/users/me`, { method: 'DELETE', token: tokens.accessToken, status: 204 });
    await expectRefusal('deleted', ROUTES.everyUser, tokens.accessToken);
  });
});

describe('an administrator who loses the role while holding a live token', () => {
  it('is refused by auth, billing and notification within two seconds', async () => {
    const { accessToken: superuser } = await signInAdministrator(stack.url.auth, stack.superuser);
    const clerk = await newUser(stack);
    const live = await appoint(stack, clerk, superuser);
    expect(await statusesAt(ROUTES.administrators, live)).toEqual([200, 200, 200]);
    await call(`${stack.url.auth}/admin/users/${clerk.id}/roles`, {
      method: 'PUT',
      token: superuser,
      status: 204,
      body: { roles: ['public_user'] },
    });
    await expectRefusal('demoted', ROUTES.administrators, live);
  });
});
