import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';

/** What one plan has brought, in one currency. */
export interface PlanTotals {
  planId: string;
  product: string;
  name: string;
  termMonths: number;
  currency: string;
  /** Periods that run now. */
  running: number;
  sold: number;
  paidMinor: bigint;
  earnedMinor: bigint;
  refundedMinor: bigint;
}

/** Revenue of one day (UTC) in one currency. */
export interface DayRevenue {
  day: string;
  currency: string;
  earnedMinor: bigint;
}

/** What administrators ask about all subscriptions at once. */
@Injectable()
export class SubscriptionReportsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async totals(now: Date): Promise<PlanTotals[]> {
    const rows = await this.unitOfWork.manager.query<Record<string, string>[]>(
      `SELECT plans.id, plans.product, plans.name, plans.term_months, p.paid_currency,
              count(*) FILTER (WHERE p.status = 'active' AND p.period @> $1::timestamptz) AS running, count(*) AS sold,
              sum(p.paid_minor) AS paid, sum(p.earned_minor) AS earned, sum(p.refunded_minor) AS refunded
         FROM subscription_periods p JOIN plans ON plans.id = p.plan_id
        GROUP BY plans.id, p.paid_currency
        ORDER BY plans.product, plans.name, plans.term_months, p.paid_currency`,
      [now],
    );
    return rows.map((row) => ({
      planId: row['id']!,
      product: row['product']!,
      name: row['name']!,
      termMonths: Number(row['term_months']),
      currency: row['paid_currency']!,
      running: Number(row['running']),
      sold: Number(row['sold']),
      paidMinor: BigInt(row['paid']!),
      earnedMinor: BigInt(row['earned']!),
      refundedMinor: BigInt(row['refunded']!),
    }));
  }

  /** From the books themselves: what entered `revenue`, less what left it again, on the day it was earned or given back. */
  async revenue(from: Date, to: Date): Promise<DayRevenue[]> {
    const rows = await this.unitOfWork.manager.query<{ day: string; currency: string; earned: string }[]>(
      `SELECT to_char(t.effective_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, l.currency,
              sum(CASE WHEN l.credit_system = 'revenue' THEN l.amount ELSE -l.amount END) AS earned
         FROM ledger_transfers l JOIN ledger_transactions t ON t.user_id = l.user_id AND t.id = l.transaction_id
        WHERE 'revenue' IN (l.debit_system, l.credit_system) AND t.effective_at >= $1 AND t.effective_at < $2
        GROUP BY day, currency ORDER BY day, currency`,
      [from, to],
    );
    return rows.map(({ day, currency, earned }) => ({ day, currency, earnedMinor: BigInt(earned) }));
  }
}
