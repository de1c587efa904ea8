import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { demoPlan } from '../../test/subscriptions/offers.js';
import { SubscriptionsLab } from '../../test/subscriptions/subscriptions-lab.js';

describe('entitlements', () => {
  let lab: SubscriptionsLab;
  let userId: string;

  beforeAll(async () => {
    lab = await SubscriptionsLab.open();
  });
  afterAll(() => lab.close());
  beforeEach(() => {
    userId = randomUUID();
    lab.clock.set('2026-01-31T09:00:00.000Z');
  });

  const told = (): Promise<{ activeUntil: string | null; version: number }[]> =>
    lab.events('billing.entitlement.changed', userId);

  it('are none for a user nobody knows', async () => {
    expect(await lab.entitlements.of(userId)).toEqual({
      version: 0,
      items: [],
      nextChangeAt: null,
      withheld: null,
    });
  });

  it('end with the first read after the end, and are told once', async () => {
    await lab.pay(lab.payment(userId, 1));
    lab.clock.set('2026-02-28T08:59:59.999Z');
    expect((await lab.entitlements.of(userId)).items).toHaveLength(1);
    lab.clock.set('2026-02-28T09:00:00.000Z');
    const reads = await Promise.all(Array.from({ length: 10 }, () => lab.entitlements.of(userId)));
    expect(reads.map((state) => [state.items.length, state.version])).toEqual(Array(10).fill([0, 2]));
    expect((await told()).map((event) => event.activeUntil)).toEqual(['2026-02-28T09:00:00.000Z', null]);
  });

  it('are told at the end although nobody reads them', async () => {
    await lab.pay(lab.payment(userId, 1));
    expect(await lab.entitlements.tellAllDue()).toBe(0);
    lab.clock.set('2026-03-01T00:00:00.000Z');
    await Promise.all([lab.entitlements.tellAllDue(), lab.entitlements.tellAllDue()]);
    expect(await lab.entitlements.tellAllDue()).toBe(0);
    expect((await told()).map((event) => event.version)).toEqual([1, 2]);
  });

  it('are told when a period of another plan begins by itself, once', async () => {
    await lab.pay(lab.payment(userId, 1));
    const payment = lab.payment(userId, 1);
    const features = { video_quality: 'ultra_hd' };
    await lab.pay({ ...payment, snapshot: { ...payment.snapshot, features } });
    lab.clock.set('2026-02-28T08:59:59.999Z');
    expect(await lab.entitlements.tellAllDue()).toBe(0);
    expect((await lab.entitlements.of(userId)).items).toMatchObject([{ features: demoPlan(1).features }]);
    lab.clock.set('2026-02-28T09:00:00.000Z');
    await Promise.all([lab.entitlements.tellAllDue(), lab.entitlements.tellAllDue()]);
    expect(await lab.entitlements.tellAllDue()).toBe(0);
    expect((await told()).map((event) => event.version)).toEqual([1, 2, 3]);
    expect((await told()).at(-1)).toMatchObject({ activeUntil: '2026-03-31T09:00:00.000Z' });
    expect((await lab.entitlements.of(userId)).items).toMatchObject([{ features }]);
  });

  it('are told once for adjacent periods, at the end of the last', async () => {
    await lab.pay(lab.payment(userId, 1));
    await lab.pay(lab.payment(userId, 1));
    lab.clock.set('2026-03-05T00:00:00.000Z');
    await lab.entitlements.tellAllDue();
    expect((await told()).at(-1)).toMatchObject({ activeUntil: '2026-03-31T09:00:00.000Z', version: 2 });
    lab.clock.set('2026-04-01T00:00:00.000Z');
    await lab.entitlements.tellAllDue();
    expect((await told()).at(-1)).toMatchObject({ activeUntil: null, version: 3 });
  });
});
