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
  months: number;
  earned_minor: string;
  refunded_minor: string;
  earn_at: Date | null;
  status: 'active' | 'revoked';
  revoked_at: Date | null;
  revoked_reason: string | null;
  created_at: Date;
}

/** A period of which something is to be earned. */
export interface DuePeriod {
  userId: string;
  id: string;
}

const SELECT = `
  SELECT p.id, subscription_id, lower(period) AS starts_at, upper(period) AS ends_at, anchor, anchor_months,
         paid_minor, paid_currency, source, payment_id, transaction_id, offer,
         months, earned_minor, refunded_minor, earn_at, status, revoked_at, revoked_reason, p.created_at
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

  /** The period an order of an administrator granted. */
  async ofGrant(userId: string, grantKey: string): Promise<SubscriptionPeriod | undefined> {
    const [period] = await this.read(`${SELECT} WHERE user_id = $1 AND grant_key = $2`, [userId, grantKey]);
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

  /** What the ledger transaction posted under a key gave back; zero when there is none. */
  async givenBackMinor(userId: string, key: string): Promise<bigint> {
    const [row] = await this.unitOfWork.manager.query<{ given: string }[]>(
      `SELECT coalesce(sum(l.amount), 0) AS given FROM ledger_transactions t
         JOIN ledger_transfers l ON l.user_id = t.user_id AND l.transaction_id = t.id AND l.code = 'given_back'
        WHERE t.user_id = $1 AND t.idempotency_key = $2`,
      [userId, key],
    );
    return BigInt(row!.given);
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
         anchor, anchor_months, paid_minor, paid_currency, source, payment_id, transaction_id, offer, months, earn_at,
         status, created_at, grant_key)
       VALUES ($1, $2, $3, $4, $5, $6, $7, tstzrange($8, $9), $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`,
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
        period.months,
        period.earnAt,
        period.status,
        period.createdAt,
        period.grantKey ?? null,
      ],
    );
  }

  /** One of a user's periods. */
  async find(userId: string, id: string): Promise<SubscriptionPeriod | undefined> {
    const [period] = await this.read(`${SELECT} WHERE user_id = $1 AND p.id = $2`, [userId, id]);
    return period;
  }

  /** The periods of a subscription that count, in order of time. */
  async active({ userId, id }: Subscription): Promise<SubscriptionPeriod[]> {
    return this.read(
      `${SELECT} WHERE user_id = $1 AND subscription_id = $2 AND status = 'active' ORDER BY period, p.id`,
      [userId, id],
    );
  }

  /** Periods of which more is earned by `now` than is booked, the longest waiting first. */
  async earningDue(now: Date, limit: number): Promise<DuePeriod[]> {
    const rows = await this.unitOfWork.manager.query<{ user_id: string; id: string }[]>(
      'SELECT user_id, id FROM subscription_periods WHERE earn_at <= $1 ORDER BY earn_at LIMIT $2',
      [now, limit],
    );
    return rows.map((row) => ({ userId: row.user_id, id: row.id }));
  }

  /** Writes changed periods; that none overlaps another is checked once all are written. */
  async save(userId: string, periods: readonly SubscriptionPeriod[]): Promise<void> {
    const { manager } = this.unitOfWork.requireTransaction();
    await manager.query('SET CONSTRAINTS ex_subscription_periods_overlap DEFERRED');
    for (const period of periods) {
      await manager.query(
        `UPDATE subscription_periods
            SET period = tstzrange($3, $4), anchor = $5, anchor_months = $6, months = $7, earned_minor = $8, refunded_minor = $9,
                earn_at = $10, status = $11, revoked_at = $12, revoked_reason = $13
          WHERE user_id = $1 AND id = $2`,
        [
          userId,
          period.id,
          period.startsAt,
          period.endsAt,
          period.anchor,
          period.anchorMonths,
          period.months,
          period.earnedMinor.toString(),
          period.refundedMinor.toString(),
          period.earnAt,
          period.status,
          period.revokedAt,
          period.revokedReason,
        ],
      );
    }
    await manager.query('SET CONSTRAINTS ex_subscription_periods_overlap IMMEDIATE');
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
    months: row.months,
    earnedMinor: BigInt(row.earned_minor),
    refundedMinor: BigInt(row.refunded_minor),
    earnAt: row.earn_at,
    status: row.status,
    revokedAt: row.revoked_at,
    revokedReason: row.revoked_reason,
    createdAt: row.created_at,
  };
}
