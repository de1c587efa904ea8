import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCommands, START_TIMES } from '../../test/subscriptions/any-commands.js';
import { offerOf } from '../../test/subscriptions/offers.js';
import { later, SubscriptionModel } from '../../test/subscriptions/subscription-model.js';
import { entitlementsAt } from '../entitlements/entitlement.js';
import { monthsBegun, monthsPaidFor, priceOfMonths } from './earnings.js';
import { changed } from './period-change.js';
import { firstTryAt } from './renewal.js';
import type { SubscriptionPeriod } from './subscription.js';
import { addMonths, nextPeriod } from './subscription-period.js';

/** The system's own rules, held together without a database. */
class InMemorySubscription {
  periods: SubscriptionPeriod[] = [];
  private renewing = false;

  constructor(public now: Date) {}

  get active(): SubscriptionPeriod[] {
    return this.periods.filter((period) => period.status === 'active').toSorted((a, b) => +a.startsAt - +b.startsAt);
  }

  get accessUntil(): Date | undefined {
    const times = this.active.map((period) => ({ ...period, product: 'cinema', features: {} }));
    return entitlementsAt(times, this.now).items[0]?.activeUntil;
  }

  private get paidUntil(): Date | undefined {
    return this.active.at(-1)?.endsAt;
  }

  buy(months: number): void {
    const offer = offerOf(months, 'PNT');
    this.periods.push({
      ...nextPeriod(this.active.at(-1), months, this.now),
      id: String(this.periods.length),
      subscriptionId: 's',
      paidMinor: BigInt(offer.amountMinor),
      paidCurrency: 'PNT',
      source: 'balance',
      paymentId: null,
      transactionId: 't',
      offer,
      months,
      earnedMinor: 0n,
      refundedMinor: 0n,
      earnAt: null,
      status: 'active',
      revokedAt: null,
      revokedReason: null,
      createdAt: this.now,
    });
  }

  refund(which: number, policy: 'whole' | 'unused_months'): boolean {
    const period = this.periods[which];
    if (!period || period.status === 'revoked') return false;
    const earning = { ...period, termMonths: period.offer.termMonths };
    const begun = policy === 'whole' ? 0 : monthsBegun(earning, this.now);
    const amountMinor =
      period.paidMinor - priceOfMonths(period.paidMinor, begun, period.offer.termMonths) - period.refundedMinor;
    if (amountMinor <= 0n) return false;
    const refundedMinor = period.refundedMinor + amountMinor;
    const months = monthsPaidFor(earning, period.paidMinor - refundedMinor);
    const change = { months, refundedMinor, earnedMinor: 0n, reason: 'asked for' };
    const after = new Map(changed(this.active, period, change, this.now).map((some) => [some.id, some]));
    this.periods = this.periods.map((some) => after.get(some.id) ?? some);
    this.renewing = false;
    return true;
  }

  renew(): boolean {
    this.renewing ||= this.accessUntil !== undefined;
    return this.accessUntil !== undefined;
  }

  cancel(): void {
    this.renewing = false;
  }

  wait(seconds: number): void {
    const until = new Date(+this.now + seconds * 1_000);
    while (this.renewing && this.paidUntil && firstTryAt(this.paidUntil) <= until) {
      this.now = new Date(Math.max(+this.now, +firstTryAt(this.paidUntil)));
      this.buy(1);
    }
    this.now = until;
  }
}

describe('paid time', () => {
  it('agrees with its model over 100,000 sequences of purchases, refunds, renewals and waits', () => {
    fc.assert(
      fc.property(fc.constantFrom(...START_TIMES), anyCommands(10), (start, commands) => {
        const model = new SubscriptionModel(start);
        const system = new InMemorySubscription(start);
        for (const command of commands) {
          for (const one of [model, system]) {
            if (command.do === 'wait') one.wait(command.seconds);
            if (command.do === 'buy') one.buy(command.months);
            if (command.do === 'cancel') one.cancel();
          }
          if (command.do === 'renew') expect(system.renew()).toBe(model.renew());
          if (command.do === 'refund') {
            expect(system.refund(command.which, command.policy)).toBe(model.refund(command.which, command.policy));
          }
          if (+(system.accessUntil ?? 0) !== +(model.accessUntil ?? 0)) {
            expect.fail(
              `${String(system.accessUntil?.toISOString())}, not ${String(model.accessUntil?.toISOString())}`,
            );
          }
          const { active } = system;
          if (active.some((period, i) => i > 0 && period.startsAt < active[i - 1]!.endsAt))
            expect.fail('periods overlap');
        }
        expect(system.active).toHaveLength(model.count);
      }),
      { numRuns: 100_000 },
    );
  }, 180_000);

  it('reads calendars as the model does', () => {
    fc.assert(
      fc.property(fc.constantFrom(...START_TIMES), fc.nat(240), (start, months) => {
        expect(addMonths(start, months)).toEqual(later(start, months));
      }),
      { numRuns: 5_000 },
    );
  });
});
