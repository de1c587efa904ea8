import { Injectable } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import type { PlanOffer } from '../plans/plan.js';
import { nextStepAt, type RenewalFailure, type ToldDays } from './renewal.js';
import type { Subscription } from './subscription.js';

interface SubscriptionRow {
  id: string;
  user_id: string;
  product: string;
  version: number;
  paid_until: Date | null;
  grace_until: Date | null;
  told_days: ToldDays;
  renewal_offer: PlanOffer | null;
  renewal_consented_at: Date | null;
  renewal_try_at: Date | null;
  renewal_failure: RenewalFailure | null;
  renewal_failure_told_at: Date | null;
}

/** A subscription that has something to do. */
export interface DueSubscription {
  userId: string;
  id: string;
}

const SELECT = `
  SELECT id, user_id, product, version, paid_until, grace_until, told_days, renewal_offer, renewal_consented_at, renewal_try_at,
         renewal_failure, renewal_failure_told_at
    FROM subscriptions`;

@Injectable()
export class SubscriptionsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** The user's subscription to the product, begun when there is none; call it under the user's lock. */
  async begin(userId: string, product: string): Promise<Subscription> {
    const { manager } = this.unitOfWork.requireTransaction();
    const select = `${SELECT} WHERE user_id = $1 AND product = $2`;
    const [row] = await manager.query<SubscriptionRow[]>(select, [userId, product]);
    if (row) return fromRow(row);
    await manager.query('INSERT INTO subscriptions (user_id, id, product) VALUES ($1, $2, $3)', [
      userId,
      uuidv7(),
      product,
    ]);
    const [begun] = await manager.query<SubscriptionRow[]>(select, [userId, product]);
    return fromRow(begun!);
  }

  async find(userId: string, id: string): Promise<Subscription | undefined> {
    const [row] = await this.unitOfWork.manager.query<SubscriptionRow[]>(`${SELECT} WHERE user_id = $1 AND id = $2`, [
      userId,
      id,
    ]);
    return row && fromRow(row);
  }

  async ofUser(userId: string): Promise<Subscription[]> {
    const rows = await this.unitOfWork.manager.query<SubscriptionRow[]>(
      `${SELECT} WHERE user_id = $1 ORDER BY product`,
      [userId],
    );
    return rows.map(fromRow);
  }

  /** Writes the subscription and when it has something to do next; call it under the user's lock. */
  async save(subscription: Subscription): Promise<void> {
    const { userId, id, version, paidUntil, graceUntil, told, renewal } = subscription;
    await this.unitOfWork.requireTransaction().manager.query(
      `UPDATE subscriptions
          SET version = $3, paid_until = $4, grace_until = $5, told_days = $6, renewal_offer = $7, renewal_consented_at = $8,
              renewal_try_at = $9, renewal_failure = $10, renewal_failure_told_at = $11, next_step_at = $12
        WHERE user_id = $1 AND id = $2`,
      [
        userId,
        id,
        version,
        paidUntil,
        graceUntil,
        told,
        renewal && JSON.stringify(renewal.offer),
        renewal?.consentedAt ?? null,
        renewal?.tryAt ?? null,
        renewal?.failure ?? null,
        renewal?.failureToldAt ?? null,
        nextStepAt(subscription),
      ],
    );
  }

  /** Subscriptions with something to do at `now`, the longest waiting first. */
  async due(now: Date, limit: number): Promise<DueSubscription[]> {
    const rows = await this.unitOfWork.manager.query<{ user_id: string; id: string }[]>(
      'SELECT user_id, id FROM subscriptions WHERE next_step_at <= $1 ORDER BY next_step_at LIMIT $2',
      [now, limit],
    );
    return rows.map((row) => ({ userId: row.user_id, id: row.id }));
  }

  /** Subscriptions whose renewal lacked money that is in the wallet by now. */
  async withMoneyAgain(limit: number): Promise<DueSubscription[]> {
    const rows = await this.unitOfWork.manager.query<{ user_id: string; id: string }[]>(
      `SELECT s.user_id, s.id
         FROM subscriptions s
         JOIN account_balances b ON b.user_id = s.user_id AND b.kind = 'wallet' AND b.status = 'open'
          AND b.currency = s.renewal_offer ->> 'currency'
        WHERE s.renewal_failure = 'insufficient_funds'
          AND b.balance - b.held >= (s.renewal_offer ->> 'amountMinor')::bigint
        LIMIT $1`,
      [limit],
    );
    return rows.map((row) => ({ userId: row.user_id, id: row.id }));
  }

  /** Keeps what the holder agreed to, or took back; never changed afterwards. */
  async recordConsent(
    subscription: Subscription,
    given: boolean,
    offer: PlanOffer,
    actor: string,
    at: Date,
  ): Promise<void> {
    await this.unitOfWork.requireTransaction().manager.query(
      `INSERT INTO subscription_consents (user_id, id, subscription_id, given, offer, actor, at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [subscription.userId, uuidv7(), subscription.id, given, JSON.stringify(offer), actor, at],
    );
  }
}

function fromRow(row: SubscriptionRow): Subscription {
  return {
    id: row.id,
    userId: row.user_id,
    product: row.product,
    version: row.version,
    paidUntil: row.paid_until,
    graceUntil: row.grace_until,
    told: row.told_days,
    renewal: row.renewal_offer && {
      offer: row.renewal_offer,
      consentedAt: row.renewal_consented_at!,
      tryAt: row.renewal_try_at,
      failure: row.renewal_failure,
      failureToldAt: row.renewal_failure_told_at,
    },
  };
}
