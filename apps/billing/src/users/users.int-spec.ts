import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { demoPlan } from '../../test/subscriptions/offers.js';
import { SubscriptionsLab } from '../../test/subscriptions/subscriptions-lab.js';
import { ProfilesRepository } from '../profiles/profiles.repository.js';
import { BuyFromBalanceService } from '../subscriptions/buy-from-balance.service.js';
import { SwitchRenewalService } from '../subscriptions/switch-renewal.service.js';
import { TakeStepsService } from '../subscriptions/take-steps.service.js';
import { UsersService } from './users.service.js';

const END = '2026-02-28T09:00:00.000Z';

interface Told {
  activeUntil: string | null;
  version: number;
  withheld?: string;
}

describe('what auth tells about a user', () => {
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

  const users = (): UsersService => lab.get(UsersService);
  const block = (version = 5, until: string | null = null): Promise<void> =>
    users().block(userId, version, true, until === null ? null : new Date(until));
  const letIn = (version = 6): Promise<void> => users().block(userId, version, false, null);
  const told = (): Promise<Told[]> => lab.events('billing.entitlement.changed', userId);
  const held = () => lab.entitlements.of(userId);
  const renew = async (): Promise<string> => {
    const { id } = (await lab.subscriptions.ofUser(userId))[0]!;
    await lab.get(SwitchRenewalService).on(userId, id, { planId: demoPlan(1).id, currency: 'PNT' });
    return id;
  };
  const stepsAt = async (at: string): Promise<void> => {
    lab.clock.set(at);
    await lab.get(TakeStepsService).takeAll();
  };

  it('withholds access at the block and returns what is left of it afterwards, and tells both', async () => {
    await lab.pay(lab.payment(userId, 1));
    await block();
    expect(await held()).toMatchObject({ items: [], withheld: 'blocked', version: 2, nextChangeAt: null });
    await letIn();
    expect(await held()).toMatchObject({ items: [{ activeUntil: new Date(END) }], withheld: null, version: 3 });
    expect(await told()).toMatchObject([
      { activeUntil: END, version: 1 },
      { activeUntil: null, version: 2, withheld: 'blocked' },
      { activeUntil: END, version: 3 },
    ]);
    expect((await told()).map((event) => event.withheld)).toEqual([undefined, 'blocked', undefined]);
  });

  it('gives no new access to a user who was blocked while paying, and keeps the books of it', async () => {
    await block();
    await lab.pay(lab.payment(userId, 1));
    expect(await held()).toMatchObject({ items: [], withheld: 'blocked' });
    expect((await lab.subscriptions.ofUser(userId))[0]?.periods).toMatchObject([{ status: 'active', paidMinor: 899n }]);
    expect(await told()).toEqual([]);
    await letIn();
    expect((await held()).items).toMatchObject([{ activeUntil: new Date(END) }]);
  });

  it('never ends with access, however a block and a payment meet', async () => {
    for (let round = 0; round < 10; round++) {
      userId = randomUUID();
      await Promise.all([lab.pay(lab.payment(userId, 1)), block(), lab.pay(lab.payment(userId, 1))]);
      expect(await held()).toMatchObject({ items: [], withheld: 'blocked' });
    }
  });

  it('gives an answer of its own version to a user who holds nothing', async () => {
    await block();
    expect(await held()).toEqual({ items: [], withheld: 'blocked', version: 1, nextChangeAt: null });
    await letIn();
    expect(await held()).toEqual({ items: [], withheld: null, version: 2, nextChangeAt: null });
    expect(await told()).toEqual([]);
  });

  it('changes nothing when it comes late or twice', async () => {
    await lab.pay(lab.payment(userId, 1));
    await letIn(7);
    await block(5);
    expect(await held()).toMatchObject({ items: [{}], withheld: null, version: 1 });
    await block(9);
    await block(9);
    await letIn(8);
    expect(await held()).toMatchObject({ items: [], withheld: 'blocked', version: 2 });
  });

  it('returns access by itself when a block for a time is over', async () => {
    await lab.pay(lab.payment(userId, 1));
    await block(5, '2026-02-10T00:00:00.000Z');
    lab.clock.set('2026-02-09T23:59:59.999Z');
    await lab.entitlements.tellAllDue();
    expect((await held()).withheld).toBe('blocked');
    lab.clock.set('2026-02-10T00:00:00.000Z');
    await lab.entitlements.tellAllDue();
    expect(await told()).toMatchObject([{ version: 1 }, { withheld: 'blocked' }, { activeUntil: END, version: 3 }]);
    expect((await held()).items).toHaveLength(1);
  });

  it('sells and renews nothing to a blocked user, and renews within the grace period once the block is lifted', async () => {
    await lab.give(userId, 'PNT', 2_000_00n);
    await lab.pay(lab.payment(userId, 1));
    await renew();
    await block();
    const order = { userId, planId: demoPlan(1).id, currency: 'PNT', idempotencyKey: randomUUID() };
    await expect(lab.get(BuyFromBalanceService).buy(order)).rejects.toMatchObject({ code: 'user.blocked' });
    await expect(renew()).rejects.toMatchObject({ code: 'user.blocked' });
    await stepsAt('2026-02-27T09:00:00.000Z');
    await stepsAt('2026-02-28T20:00:00.000Z');
    expect(await lab.balance(userId, 'PNT')).toBe(2_000_00n);
    expect((await lab.subscriptions.ofUser(userId))[0]?.renewal?.failure).toBe('account_unusable');
    expect(await held()).toMatchObject({ items: [], withheld: 'blocked' });
    await letIn();
    await stepsAt('2026-02-28T21:00:00.000Z');
    expect(await lab.balance(userId, 'PNT')).toBe(1_500_00n);
    expect((await held()).items).toMatchObject([{ activeUntil: new Date('2026-03-31T09:00:00.000Z') }]);
  });

  it('ends renewals, access and what a profile says when the user is deleted, whatever is told afterwards', async () => {
    await lab.give(userId, 'PNT', 2_000_00n);
    await lab.pay(lab.payment(userId, 1));
    const id = await renew();
    const profiles = lab.get(ProfilesRepository);
    await profiles.save(userId, { displayName: 'Ann', country: 'DE' });
    await users().forget(userId, new Date());
    await letIn(99);
    expect(await held()).toMatchObject({ items: [], withheld: 'deleted' });
    expect((await lab.subscriptions.ofUser(userId))[0]?.renewal).toBeNull();
    expect(
      await lab.rows('SELECT given, actor FROM subscription_consents WHERE subscription_id = $1 ORDER BY id', [id]),
    ).toEqual([
      { given: true, actor: userId },
      { given: false, actor: 'system' },
    ]);
    expect(await profiles.find(userId)).toMatchObject({ displayName: null, country: null });
    await stepsAt('2026-02-27T09:00:00.000Z');
    expect(await lab.balance(userId, 'PNT')).toBe(2_000_00n);
    await expect(renew()).rejects.toMatchObject({ code: 'user.deleted' });
  });
});
