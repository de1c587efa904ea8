import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { signInAdministrator } from '../tools/demo/administrator.ts';
import { call, callJson } from '../tools/demo/client.ts';
import type { Tokens } from '../tools/demo/shapes.ts';
import { startTestStack, type TestStack } from '../tools/local/test-stack.ts';

const BOUND_MS = 2_000;

/** A route of each service that every signed-in user may read. */
const ROUTES = { auth: '/users/me', billing: '/accounts', notification: '/notifications/unread-count' } as const;
type Service = keyof typeof ROUTES;
const SERVICES = Object.keys(ROUTES) as Service[];

describe('a user who is blocked while holding a live token', () => {
  let stack: TestStack;

  beforeAll(async () => {
    stack = await startTestStack({ seed: true });
  });

  afterAll(() => stack?.stop());

  const signIn = (credentials: { email: string; password: string }): Promise<Tokens> =>
    callJson<Tokens>(`${stack.url.auth}/auth/login`, { method: 'POST', body: credentials });

  async function statusAt(service: Service, token: string): Promise<number> {
    return (await fetch(`${stack.url[service]}${ROUTES[service]}`, { headers: { authorization: `Bearer ${token}` } }))
      .status;
  }

  /** Milliseconds until a service refuses the token. */
  async function refusedAfter(service: Service, token: string, from: number): Promise<number> {
    while ((await statusAt(service, token)) !== 401) {
      if (performance.now() - from > 10 * BOUND_MS) throw new Error(`${service} still takes the token`);
    }
    return performance.now() - from;
  }

  it('is refused by auth, billing and notification within two seconds, and may watch nothing until let in again', async () => {
    const viewer = { email: 'viewer@example.com', password: 'correct horse battery' };
    const { accessToken: admin } = await signInAdministrator(stack.url.auth, stack.superuser);
    const { accessToken: live } = await signIn(viewer);
    expect(await Promise.all(SERVICES.map((service) => statusAt(service, live)))).toEqual([200, 200, 200]);
    const { id } = await callJson<{ id: string }>(`${stack.url.auth}/users/me`, { token: live });
    await call(`${stack.url.auth}/admin/users/${id}/block`, {
      method: 'POST',
      token: admin,
      status: 204,
      body: { reason: 'abuse' },
    });
    const from = performance.now();
    const waits = await Promise.all(SERVICES.map((service) => refusedAfter(service, live, from)));
    process.stdout.write(
      `refused after ${SERVICES.map((service, i) => `${service} ${waits[i]!.toFixed(0)} ms`).join(', ')}\n`,
    );
    for (const wait of waits) expect(wait).toBeLessThan(BOUND_MS);

    const withheld = async (): Promise<string | null> =>
      (await callJson<{ withheld: string | null }>(`${stack.url.billing}/entitlements/${id}`, { token: admin }))
        .withheld;
    await vi.waitUntil(async () => (await withheld()) === 'blocked', { timeout: BOUND_MS, interval: 50 });
    await call(`${stack.url.auth}/admin/users/${id}/unblock`, { method: 'POST', token: admin, status: 204 });
    await vi.waitUntil(async () => (await withheld()) === null, { timeout: BOUND_MS, interval: 50 });
  });
});
