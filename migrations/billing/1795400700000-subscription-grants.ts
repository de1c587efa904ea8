import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A granted period names the order it came from, so that an order that is carried out again grants nothing more. */
export class SubscriptionGrants1795400700000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE subscription_periods
      ADD grant_key text,
      ADD CONSTRAINT uq_subscription_periods_grant_key UNIQUE (user_id, grant_key),
      ADD CONSTRAINT ck_subscription_periods_grant_key CHECK (grant_key IS NULL OR source = 'grant')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE subscription_periods DROP COLUMN grant_key');
  }
}
