import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { EntitlementsService } from '../entitlements/entitlements.service.js';
import { earnedAt, nextEarningAt } from './earnings.js';
import { relaid, withMonths } from './period-layout.js';
import { PeriodsRepository } from './periods.repository.js';
import { paidThrough, type Subscription, type SubscriptionPeriod } from './subscription.js';
import { SubscriptionsRepository } from './subscriptions.repository.js';

const END_OF_TIME = new Date(8.64e15);

/** What becomes of a period. */
export interface PeriodChange {
  /** Months that are left to the holder; 0 revokes the period. */
  months: number;
  earnedMinor: bigint;
  refundedMinor: bigint;
  reason: string;
}

/** Makes a period shorter or longer and moves the later ones, so that access has neither gap nor overlap. */
@Injectable()
export class ChangePeriodService {
  constructor(
    private readonly subscriptions: SubscriptionsRepository,
    private readonly periods: PeriodsRepository,
    private readonly entitlements: EntitlementsService,
    private readonly clock: Clock,
  ) {}

  /**
   * Applies the change in the ambient transaction and returns the subscription as it is then. A holder who gets money back is not
   * charged again: automatic renewal stops. Call it under the user's lock.
   */
  async apply(subscription: Subscription, period: SubscriptionPeriod, change: PeriodChange): Promise<Subscription> {
    const now = await this.clock.now();
    const changed = changedPeriod(period, change, now);
    const others = (await this.periods.active(subscription)).filter((other) => other.id !== period.id);
    const active = relaid(changed.status === 'active' ? [...others, changed] : others, now);
    const revoked = changed.status === 'revoked' ? [changed] : [];
    const all = [...active, ...revoked].map((some) => ({ ...some, earnAt: earnAtFor(some, now) }));
    await this.periods.save(subscription.userId, all);
    const paidUntil = active.at(-1)?.endsAt ?? null;
    const after = {
      ...paidThrough({ ...subscription, renewal: null }, paidUntil, now),
      version: subscription.version + 1,
    };
    await this.subscriptions.save(after);
    await this.entitlements.refresh(subscription.userId, now);
    return after;
  }
}

/** The period with its new length. A revoked one keeps its times for the record; months that come back too late lie behind all others. */
function changedPeriod(period: SubscriptionPeriod, change: PeriodChange, now: Date): SubscriptionPeriod {
  const { months, earnedMinor, refundedMinor, reason } = change;
  const money = { earnedMinor, refundedMinor };
  if (months === 0) return { ...period, ...money, months, status: 'revoked', revokedAt: now, revokedReason: reason };
  const active = { ...period, ...money, status: 'active' as const, revokedAt: null, revokedReason: null };
  const holdsItsPlace = period.status === 'active' && (months <= period.months || period.endsAt > now);
  if (holdsItsPlace) return withMonths(active, months);
  return { ...active, months: months - period.months, startsAt: END_OF_TIME, endsAt: END_OF_TIME };
}

/** When the next of a period's price will be earned; null when nothing is left. */
export function earnAtFor(period: SubscriptionPeriod, now: Date): Date | null {
  const left = period.paidMinor - period.refundedMinor - period.earnedMinor;
  if (left <= 0n) return null;
  if (period.status === 'revoked') return now;
  return nextEarningAt({ ...period, termMonths: period.offer.termMonths }, now) ?? now;
}

/** What of a period's price is earned at `now`: all that was kept, once it is over or revoked. */
export function earnedOf(period: SubscriptionPeriod, now: Date): bigint {
  if (period.status === 'revoked') return period.paidMinor - period.refundedMinor;
  return earnedAt({ ...period, termMonths: period.offer.termMonths }, now);
}
