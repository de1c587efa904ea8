import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { campaignSize } from '#libs/testing';
import { AccountsService } from '../../src/accounts/accounts.service.js';
import { Clock } from '../../src/clock/clock.js';
import { EntitlementsCache } from '../../src/entitlements/entitlements.cache.js';
import { LedgerService } from '../../src/ledger/ledger.service.js';
import { TakeStepsService } from '../../src/subscriptions/take-steps.service.js';
import { anyCommands, START_TIMES } from './any-commands.js';
import { type Answer, BillingStack } from './billing-stack.js';
import { demoPlan } from './offers.js';
import { type Command, SubscriptionModel } from './subscription-model.js';

interface Subscriptions {
  items: { id: string; periods: { id: string; status: string }[] }[];
}
interface Entitlements {
  items: { activeUntil: string }[];
}

/** Full size: `SEQUENCES_CAMPAIGN=500 npm test subscriptions/model`. */
const SEQUENCES = campaignSize('SEQUENCES_CAMPAIGN');

/** A holder who acts through the API. */
class Holder {
  readonly userId = randomUUID();
  private readonly bought: string[] = [];

  constructor(private readonly stack: BillingStack) {}

  async fund(): Promise<void> {
    const wallet = await this.stack.app.get(AccountsService).wallet(this.userId, 'PNT');
    const leg = { code: 'capture', debit: 'system:adjustments' as const, credit: `account:${wallet.id}` as const };
    await this.stack.app.get(LedgerService).post({
      userId: this.userId,
      kind: 'top_up',
      idempotencyKey: 'gift',
      legs: [{ ...leg, currency: 'PNT', amountMinor: 1_000_000_00n }],
      source: { type: 'test', id: this.userId },
      actor: 'system',
    });
  }

  async buy(months: number): Promise<void> {
    const order = { planId: demoPlan(months).id, currency: 'PNT', payWith: 'balance' };
    const { status, body } = await this.call<{ period: { id: string } }>('POST', '/subscriptions/checkout', order);
    expect(status).toBe(201);
    this.bought.push(body.period.id);
  }

  async refund(which: number, policy: string): Promise<boolean> {
    await this.lookForRenewals();
    const id = this.bought[which];
    if (!id) return false;
    const wish = { userId: this.userId, policy, reason: 'asked for' };
    const path = `/admin/subscriptions/periods/${id}/refund`;
    const { status } = await this.stack.call(this.userId, 'POST', path, wish, { roles: ['admin'] });
    expect([201, 409]).toContain(status);
    return status === 201;
  }

  async renew(): Promise<boolean> {
    const [subscription] = await this.subscriptions();
    if (!subscription) return false;
    const choice = { planId: demoPlan(1).id, currency: 'PNT' };
    const { status } = await this.call('PUT', `/subscriptions/${subscription.id}/renewal`, choice);
    expect([200, 409]).toContain(status);
    return status === 200;
  }

  async cancel(): Promise<void> {
    const [subscription] = await this.subscriptions();
    if (subscription) await this.call('POST', `/subscriptions/${subscription.id}/cancel`);
  }

  async accessUntil(): Promise<string | undefined> {
    return (await this.call<Entitlements>('GET', '/entitlements/me')).body.items[0]?.activeUntil;
  }

  async active(): Promise<number> {
    return (await this.subscriptions()).flatMap((one) => one.periods).filter((period) => period.status === 'active')
      .length;
  }

  /** Periods are numbered as they were added: renewals add some by themselves. */
  private async lookForRenewals(): Promise<void> {
    const { rows } = await this.stack.sql.query<{ id: string }>(
      'SELECT id FROM subscription_periods WHERE user_id = $1 ORDER BY created_at, id',
      [this.userId],
    );
    this.bought.splice(0, this.bought.length, ...rows.map((row) => row.id));
  }

  private async subscriptions(): Promise<Subscriptions['items']> {
    return (await this.call<Subscriptions>('GET', '/subscriptions/me')).body.items;
  }

  private call<T>(method: string, path: string, body?: object): Promise<Answer<T>> {
    return this.stack.call<T>(this.userId, method, path, body);
  }
}

describe('the service', () => {
  let stack: BillingStack;
  let now = START_TIMES[0]!;

  beforeAll(async () => {
    stack = await BillingStack.start();
    vi.spyOn(stack.app.get(Clock), 'now').mockImplementation(() => Promise.resolve(now));
  });
  afterAll(() => stack.stop());

  const travel = async (to: Date): Promise<void> => {
    now = to;
    await stack.app.get(EntitlementsCache).look();
  };

  /** Time stops at each moment something falls due, as it would in life. */
  const wait = async (until: Date): Promise<void> => {
    for (;;) {
      const { rows } = await stack.sql.query<{ at: Date | null }>('SELECT min(next_step_at) AS at FROM subscriptions');
      const due = rows[0]!.at;
      if (!due || due > until) break;
      await travel(due > now ? due : now);
      await stack.app.get(TakeStepsService).takeAll();
    }
    await travel(until);
  };

  const act = async (holder: Holder, model: SubscriptionModel, command: Command): Promise<void> => {
    if (command.do === 'wait') {
      model.wait(command.seconds);
      await wait(model.now);
    }
    if (command.do === 'buy') {
      model.buy(command.months);
      await holder.buy(command.months);
    }
    if (command.do === 'refund') {
      expect(await holder.refund(command.which, command.policy)).toBe(model.refund(command.which, command.policy));
    }
    if (command.do === 'renew') expect(await holder.renew()).toBe(model.renew());
    if (command.do === 'cancel') {
      model.cancel();
      await holder.cancel();
    }
    expect(await holder.accessUntil()).toBe(model.accessUntil?.toISOString());
  };

  it(`agrees with the model of paid time through its API over ${SEQUENCES} sequences`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...START_TIMES), anyCommands(6), async (start, commands) => {
        await stack.sql.query('UPDATE subscriptions SET next_step_at = NULL');
        await travel(start);
        const model = new SubscriptionModel(start);
        const holder = new Holder(stack);
        await holder.fund();
        for (const command of commands) await act(holder, model, command);
        expect(await holder.active()).toBe(model.count);
      }),
      { numRuns: SEQUENCES, endOnFailure: true },
    );
  }, 900_000);
});
