import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  // Lists of who holds what are read page by page, the next to end first.
  `CREATE INDEX ix_subscription_periods_ends ON subscription_periods (upper(period), id) WHERE status = 'active'`,
  `CREATE INDEX ix_subscription_periods_plan_ends ON subscription_periods (plan_id, upper(period), id) WHERE status = 'active'`,
  'CREATE INDEX ix_subscriptions_grace ON subscriptions (paid_until) WHERE grace_until IS NOT NULL',
];

const DOWN = [
  'DROP INDEX ix_subscriptions_grace',
  'DROP INDEX ix_subscription_periods_plan_ends',
  'DROP INDEX ix_subscription_periods_ends',
];

/** Who holds what, over all users. */
export class SubscriptionHolders1795401300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
