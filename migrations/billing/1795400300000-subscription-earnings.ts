import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  // Caches look for what changed a moment ago.
  'ALTER TABLE entitlement_states ADD changed_at timestamptz NOT NULL DEFAULT clock_timestamp()',
  'CREATE INDEX ix_entitlement_states_changed_at ON entitlement_states (changed_at)',

  // What of the price is earned, and what was given back: together never more than was paid.
  `ALTER TABLE subscription_periods
     ADD earned_minor bigint NOT NULL DEFAULT 0,
     ADD refunded_minor bigint NOT NULL DEFAULT 0,
     ADD earn_at timestamptz,
     ADD revoked_at timestamptz,
     ADD revoked_reason text,
     ADD CONSTRAINT ck_subscription_periods_earnings CHECK (
       earned_minor >= 0 AND refunded_minor >= 0 AND earned_minor + refunded_minor <= paid_minor),
     ADD CONSTRAINT ck_subscription_periods_revoked CHECK ((status = 'revoked') = (revoked_at IS NOT NULL))`,
  'UPDATE subscription_periods SET earn_at = lower(period) WHERE paid_minor > 0',
  'CREATE INDEX ix_subscription_periods_earn_at ON subscription_periods (earn_at) WHERE earn_at IS NOT NULL',
];

const DOWN = [
  `ALTER TABLE subscription_periods
     DROP earned_minor, DROP refunded_minor, DROP earn_at, DROP revoked_at, DROP revoked_reason`,
  'ALTER TABLE entitlement_states DROP changed_at',
];

/** Revenue earned day by day, periods given back, and when entitlements changed. */
export class SubscriptionEarnings1795400300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
