import { Injectable } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import type { PlanOffer } from '../plans/plan.js';
import type { PeriodSource, Subscription, SubscriptionPeriod } from './subscription.js';

interface SubscriptionRow {
  id: string;
  user_id: string;
  product: string;
  version: number;
}

interface PeriodRow {
  id: string;
  subscription_id: string;
  starts_at: Date;
  ends_at: Date;
  anchor: Date;
  anchor_months: number;
  paid_minor: string;
  paid_currency: string;
  source: PeriodSource;
  payment_id: string | null;
  transaction_id: string | null;
  offer: PlanOffer;
  status: 'active' | 'revoked';
  created_at: Date;
}

const SELECT_PERIOD = `
  SELECT id, subscription_id, lower(period) AS starts_at, upper(period) AS ends_at, anchor, anchor_months,
         paid_minor, paid_currency, source, payment_id, transaction_id, offer, status, created_at
    FROM subscription_periods`;

@Injectable()
export class SubscriptionsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** The user's subscription to the product, begun when there is none; call it under the user's lock. */
  async begin(userId: string, product: string): Promise<Subscription> {
    const { manager } = this.unitOfWork.requireTransaction();
    await manager.query(
      'INSERT INTO subscriptions (user_id, id, product) VALUES ($1, $2, $3) ON CONFLICT (user_id, product) DO NOTHING',
      [userId, uuidv7(), product],
    );
    const [row] = await manager.query<SubscriptionRow[]>(
      'SELECT id, user_id, product, version FROM subscriptions WHERE user_id = $1 AND product = $2 FOR UPDATE',
      [userId, product],
    );
    return fromSubscriptionRow(row!);
  }

  async saveVersion(subscription: Subscription): Promise<void> {
    await this.unitOfWork.manager.query('UPDATE subscriptions SET version = $3 WHERE user_id = $1 AND id = $2', [
      subscription.userId,
      subscription.id,
      subscription.version,
    ]);
  }

  async ofUser(userId: string): Promise<Subscription[]> {
    const rows = await this.unitOfWork.manager.query<SubscriptionRow[]>(
      'SELECT id, user_id, product, version FROM subscriptions WHERE user_id = $1 ORDER BY product',
      [userId],
    );
    return rows.map(fromSubscriptionRow);
  }

  async periodsOfUser(userId: string): Promise<SubscriptionPeriod[]> {
    const rows = await this.unitOfWork.manager.query<PeriodRow[]>(
      `${SELECT_PERIOD} WHERE user_id = $1 ORDER BY period, id`,
      [userId],
    );
    return rows.map(fromPeriodRow);
  }

  /** The period a payment bought. */
  async periodOfPayment(userId: string, paymentId: string): Promise<SubscriptionPeriod | undefined> {
    const [row] = await this.unitOfWork.manager.query<PeriodRow[]>(
      `${SELECT_PERIOD} WHERE user_id = $1 AND payment_id = $2`,
      [userId, paymentId],
    );
    return row && fromPeriodRow(row);
  }

  /** The period that ends last of those that count. */
  async latestPeriod(userId: string, subscriptionId: string): Promise<SubscriptionPeriod | undefined> {
    const [row] = await this.unitOfWork.manager.query<PeriodRow[]>(
      `${SELECT_PERIOD} WHERE user_id = $1 AND subscription_id = $2 AND status = 'active' ORDER BY upper(period) DESC LIMIT 1`,
      [userId, subscriptionId],
    );
    return row && fromPeriodRow(row);
  }

  async addPeriod(subscription: Subscription, period: SubscriptionPeriod): Promise<void> {
    await this.unitOfWork.requireTransaction().manager.query(
      `INSERT INTO subscription_periods (user_id, id, subscription_id, product, plan_id, term_months, features, period,
         anchor, anchor_months, paid_minor, paid_currency, source, payment_id, transaction_id, offer, status, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, tstzrange($8, $9), $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
      [
        subscription.userId,
        period.id,
        subscription.id,
        subscription.product,
        period.offer.planId,
        period.offer.termMonths,
        JSON.stringify(period.offer.features),
        period.startsAt,
        period.endsAt,
        period.anchor,
        period.anchorMonths,
        period.paidMinor.toString(),
        period.paidCurrency,
        period.source,
        period.paymentId,
        period.transactionId,
        JSON.stringify(period.offer),
        period.status,
        period.createdAt,
      ],
    );
  }
}

function fromSubscriptionRow(row: SubscriptionRow): Subscription {
  return { id: row.id, userId: row.user_id, product: row.product, version: row.version };
}

function fromPeriodRow(row: PeriodRow): SubscriptionPeriod {
  return {
    id: row.id,
    subscriptionId: row.subscription_id,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    anchor: row.anchor,
    anchorMonths: row.anchor_months,
    paidMinor: BigInt(row.paid_minor),
    paidCurrency: row.paid_currency,
    source: row.source,
    paymentId: row.payment_id,
    transactionId: row.transaction_id,
    offer: row.offer,
    status: row.status,
    createdAt: row.created_at,
  };
}
