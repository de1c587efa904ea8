import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import type { PlanOffer } from '../plans/plan.js';
import type { PeriodSource, Subscription, SubscriptionPeriod } from './subscription.js';

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

const SELECT = `
  SELECT p.id, subscription_id, lower(period) AS starts_at, upper(period) AS ends_at, anchor, anchor_months,
         paid_minor, paid_currency, source, payment_id, transaction_id, offer, status, p.created_at
    FROM subscription_periods p`;

@Injectable()
export class PeriodsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** All periods of a user, in order of time. */
  async ofUser(userId: string): Promise<SubscriptionPeriod[]> {
    return this.read(`${SELECT} WHERE user_id = $1 ORDER BY period, p.id`, [userId]);
  }

  /** The period a payment bought. */
  async ofPayment(userId: string, paymentId: string): Promise<SubscriptionPeriod | undefined> {
    const [period] = await this.read(`${SELECT} WHERE user_id = $1 AND payment_id = $2`, [userId, paymentId]);
    return period;
  }

  /** The period bought by the ledger transaction that was posted under a key. */
  async ofPostingKey(userId: string, key: string): Promise<SubscriptionPeriod | undefined> {
    const [period] = await this.read(
      `${SELECT} JOIN ledger_transactions t USING (user_id)
        WHERE user_id = $1 AND t.idempotency_key = $2 AND transaction_id = t.id`,
      [userId, key],
    );
    return period;
  }

  /** The period that ends last of those that count. */
  async latest({ userId, id }: Subscription): Promise<SubscriptionPeriod | undefined> {
    const [period] = await this.read(
      `${SELECT} WHERE user_id = $1 AND subscription_id = $2 AND status = 'active' ORDER BY upper(period) DESC LIMIT 1`,
      [userId, id],
    );
    return period;
  }

  async add(subscription: Subscription, period: SubscriptionPeriod): Promise<void> {
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

  private async read(query: string, parameters: unknown[]): Promise<SubscriptionPeriod[]> {
    const rows = await this.unitOfWork.manager.query<PeriodRow[]>(query, parameters);
    return rows.map(fromRow);
  }
}

function fromRow(row: PeriodRow): SubscriptionPeriod {
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
