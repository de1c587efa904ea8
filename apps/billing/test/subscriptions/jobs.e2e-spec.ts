import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { testRedisUrl } from '#libs/testing';
import { BillingStack } from './billing-stack.js';
import { demoPlan } from './offers.js';

interface Entitlements {
  items: object[];
}

describe('what time brings', () => {
  let stack: BillingStack;
  let redis: Redis;

  beforeAll(async () => {
    stack = await BillingStack.start();
    redis = new Redis(testRedisUrl());
  });
  afterAll(async () => {
    redis.disconnect();
    await stack.stop();
  });

  const entitled = async (userId: string): Promise<boolean> =>
    (await stack.call<Entitlements>(userId, 'GET', '/entitlements/me')).body.items.length > 0;
  const told = async (userId: string, name: string): Promise<number> => {
    const { rowCount } = await stack.sql.query(
      `SELECT 1 FROM outbox WHERE envelope ->> 'name' = $2 AND envelope -> 'payload' ->> 'userId' = $1`,
      [userId, name],
    );
    return rowCount!;
  };

  it('comes although Redis has forgotten every job, and comes once', async () => {
    const userId = randomUUID();
    const grant = { userId, planId: demoPlan(1).id, reason: 'a prize' };
    await stack.call(userId, 'POST', '/admin/subscriptions/grants', grant, { roles: ['admin'] });
    expect(await entitled(userId)).toBe(true);
    await redis.flushdb();
    // A month later, as far as the database can tell.
    const earlier = `- interval '1 month'`;
    await stack.sql.query(
      `UPDATE subscription_periods SET anchor = anchor ${earlier},
              period = tstzrange(lower(period) ${earlier}, lower(period)) WHERE user_id = $1`,
      [userId],
    );
    await stack.sql.query('UPDATE subscriptions SET paid_until = now(), next_step_at = now() WHERE user_id = $1', [
      userId,
    ]);
    await vi.waitUntil(async () => (await told(userId, 'billing.subscription.ended')) > 0, {
      timeout: 60_000,
      interval: 100,
    });
    await redis.flushdb();
    await vi.waitUntil(async () => (await redis.keys('bull:billing.subscriptions:*')).length > 0, {
      timeout: 60_000,
      interval: 100,
    });
    expect(await told(userId, 'billing.subscription.ended')).toBe(1);
    expect(await told(userId, 'billing.entitlement.changed')).toBe(2);
    expect(await entitled(userId)).toBe(false);
  });
});
