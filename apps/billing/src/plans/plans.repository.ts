import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import type { Features, Plan, PlanPrice, RefundPolicy } from './plan.js';

interface PlanRow {
  id: string;
  product: string;
  product_name: string;
  name: string;
  term_months: number;
  features: Features;
  prices_version: number;
  grace_days: number;
  refund_policy: RefundPolicy;
  active_from: Date;
  active_until: Date | null;
  prices: { currency: string; amount: string }[];
}

// The amount travels as text: a JSON number would be read as a float.
const SELECT = `
  SELECT plans.id, product, products.name AS product_name, plans.name, term_months, features, prices_version, grace_days, refund_policy,
         active_from, active_until,
         coalesce((SELECT json_agg(json_build_object('currency', currency, 'amount', amount_minor::text) ORDER BY currency)
                     FROM plan_prices WHERE plan_id = plans.id), '[]') AS prices
    FROM plans JOIN products ON products.code = product`;

@Injectable()
export class PlansRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async find(id: string): Promise<Plan | undefined> {
    const [row] = await this.unitOfWork.manager.query<PlanRow[]>(`${SELECT} WHERE plans.id = $1`, [id]);
    return row && fromRow(row);
  }

  /** The plan, held until the ambient transaction ends: changes to one plan come one after the other. Purchases go on. */
  async lock(id: string): Promise<Plan | undefined> {
    await this.unitOfWork
      .requireTransaction()
      .manager.query('SELECT 1 FROM plans WHERE id = $1 FOR NO KEY UPDATE', [id]);
    return this.find(id);
  }

  /** Plans that may be bought at `now`, cheapest length first. */
  async onSale(now: Date): Promise<Plan[]> {
    const rows = await this.unitOfWork.manager.query<PlanRow[]>(
      `${SELECT}
        WHERE active_from <= $1 AND (active_until IS NULL OR active_until > $1)
        ORDER BY product, plans.name, term_months, plans.id`,
      [now],
    );
    return rows.map(fromRow);
  }

  /** All plans there are. */
  async all(): Promise<Plan[]> {
    const rows = await this.unitOfWork.manager.query<PlanRow[]>(
      `${SELECT} ORDER BY product, plans.name, term_months, plans.id`,
    );
    return rows.map(fromRow);
  }

  /** Puts these prices in the place of all there were; call it with the plan locked. */
  async setPrices(planId: string, prices: readonly PlanPrice[]): Promise<void> {
    const { manager } = this.unitOfWork.requireTransaction();
    await manager.query('UPDATE plans SET prices_version = prices_version + 1 WHERE id = $1', [planId]);
    await manager.query('DELETE FROM plan_prices WHERE plan_id = $1', [planId]);
    await this.addPrices(planId, prices);
  }

  async endSale(planId: string, at: Date): Promise<void> {
    await this.unitOfWork.manager.query(
      // A sale that had not begun yet never will.
      'UPDATE plans SET active_until = $2, active_from = least(active_from, $2) WHERE id = $1 AND (active_until IS NULL OR active_until > $2)',
      [planId, at],
    );
  }

  /** Puts a plan in as it is, prices included; one with the same id stays as it was. Returns whether it is new. */
  async add(plan: Plan): Promise<boolean> {
    const { manager } = this.unitOfWork.requireTransaction();
    await manager.query('INSERT INTO products (code, name) VALUES ($1, $2) ON CONFLICT (code) DO NOTHING', [
      plan.product,
      plan.productName,
    ]);
    const inserted = await manager.query<unknown[]>(
      `INSERT INTO plans (id, product, name, term_months, features, grace_days, refund_policy, active_from, active_until)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING RETURNING id`,
      [
        plan.id,
        plan.product,
        plan.name,
        plan.termMonths,
        JSON.stringify(plan.features),
        plan.graceDays,
        plan.refundPolicy,
        plan.activeFrom,
        plan.activeUntil,
      ],
    );
    if (inserted.length === 0) return false;
    await this.addPrices(plan.id, plan.prices);
    return true;
  }

  private async addPrices(planId: string, prices: readonly PlanPrice[]): Promise<void> {
    for (const { currency, amountMinor } of prices) {
      await this.unitOfWork.manager.query(
        'INSERT INTO plan_prices (plan_id, currency, amount_minor) VALUES ($1, $2, $3)',
        [planId, currency, amountMinor.toString()],
      );
    }
  }
}

function fromRow(row: PlanRow): Plan {
  return {
    id: row.id,
    product: row.product,
    productName: row.product_name,
    name: row.name,
    termMonths: row.term_months,
    features: row.features,
    prices: row.prices.map(({ currency, amount }) => ({ currency, amountMinor: BigInt(amount) })),
    pricesVersion: row.prices_version,
    graceDays: row.grace_days,
    refundPolicy: row.refund_policy,
    activeFrom: row.active_from,
    activeUntil: row.active_until,
  };
}
