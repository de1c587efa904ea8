import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import type { Features } from '../plans/plan.js';
import type { Withheld } from '../standing/standing.js';
import type { Entitlement, Entitlements, PaidTime } from './entitlement.js';

/** What was last derived and told about a user. */
export interface EntitlementState extends Entitlements {
  version: number;
}

interface StateRow {
  version: string;
  items: { product: string; features: Features; activeUntil: string }[];
  next_change_at: Date | null;
  withheld: Withheld | null;
}

@Injectable()
export class EntitlementsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async find(userId: string): Promise<EntitlementState | undefined> {
    const [row] = await this.unitOfWork.manager.query<StateRow[]>(
      'SELECT version, items, next_change_at, withheld FROM entitlement_states WHERE user_id = $1',
      [userId],
    );
    return row && fromRow(row);
  }

  /** Holds the user's row until the transaction ends, making it first when there is none. */
  async lock(userId: string): Promise<EntitlementState> {
    const { manager } = this.unitOfWork.requireTransaction();
    const select =
      'SELECT version, items, next_change_at, withheld FROM entitlement_states WHERE user_id = $1 FOR UPDATE';
    const [row] = await manager.query<StateRow[]>(select, [userId]);
    if (row) return fromRow(row);
    await manager.query('INSERT INTO entitlement_states (user_id) VALUES ($1) ON CONFLICT (user_id) DO NOTHING', [
      userId,
    ]);
    const [made] = await manager.query<StateRow[]>(select, [userId]);
    return fromRow(made!);
  }

  async save(userId: string, state: EntitlementState): Promise<void> {
    await this.unitOfWork.manager.query(
      `UPDATE entitlement_states
          SET version = $2, items = $3, next_change_at = $4, withheld = $5,
              changed_at = CASE version WHEN $2 THEN changed_at ELSE clock_timestamp() END
        WHERE user_id = $1`,
      [userId, state.version, JSON.stringify(state.items), state.nextChangeAt, state.withheld],
    );
  }

  /** The user's paid times that are not over, and grace given to a renewal that waits for money: what was held goes on. */
  async paidTimes(userId: string, now: Date): Promise<PaidTime[]> {
    const rows = await this.unitOfWork.manager.query<
      { product: string; features: Features; starts_at: Date; ends_at: Date }[]
    >(
      `SELECT product, features, lower(period) AS starts_at, upper(period) AS ends_at
         FROM subscription_periods
        WHERE user_id = $1 AND status = 'active' AND upper(period) > $2
       UNION ALL
       SELECT s.product, p.features, s.paid_until, s.grace_until
         FROM subscriptions s
         JOIN subscription_periods p ON p.user_id = s.user_id AND p.subscription_id = s.id AND p.status = 'active'
          AND upper(p.period) = s.paid_until
        WHERE s.user_id = $1 AND s.grace_until > $2 AND s.grace_until > s.paid_until AND s.renewal_offer IS NOT NULL`,
      [userId, now],
    );
    return rows.map((row) => ({
      product: row.product,
      features: row.features,
      startsAt: row.starts_at,
      endsAt: row.ends_at,
    }));
  }

  /** Users whose entitlements changed lately, with their version. */
  async changedWithin(seconds: number): Promise<{ userId: string; version: number }[]> {
    const rows = await this.unitOfWork.manager.query<{ user_id: string; version: string }[]>(
      'SELECT user_id, version FROM entitlement_states WHERE changed_at > clock_timestamp() - make_interval(secs => $1)',
      [seconds],
    );
    return rows.map((row) => ({ userId: row.user_id, version: Number(row.version) }));
  }

  /** Users for whom time alone has changed something, the longest waiting first. */
  async due(now: Date, limit: number): Promise<string[]> {
    const rows = await this.unitOfWork.manager.query<{ user_id: string }[]>(
      'SELECT user_id FROM entitlement_states WHERE next_change_at <= $1 ORDER BY next_change_at LIMIT $2',
      [now, limit],
    );
    return rows.map((row) => row.user_id);
  }
}

function fromRow(row: StateRow): EntitlementState {
  const items = row.items.map((item): Entitlement => ({ ...item, activeUntil: new Date(item.activeUntil) }));
  return { version: Number(row.version), items, nextChangeAt: row.next_change_at, withheld: row.withheld };
}
