import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  // How many months of the term are left to the holder: fewer than were sold once some are given back.
  'ALTER TABLE subscription_periods ADD months smallint',
  `UPDATE subscription_periods SET months = CASE status WHEN 'revoked' THEN 0 ELSE term_months END`,
  `ALTER TABLE subscription_periods
     ALTER months SET NOT NULL,
     ADD CONSTRAINT ck_subscription_periods_months CHECK (
       months BETWEEN 0 AND term_months AND (months = 0) = (status = 'revoked'))`,
  // Moving several periods at once passes through states in which they touch: the check may wait for the end of the move.
  'ALTER TABLE subscription_periods DROP CONSTRAINT ex_subscription_periods_overlap',
  `ALTER TABLE subscription_periods ADD CONSTRAINT ex_subscription_periods_overlap
     EXCLUDE USING gist (user_id WITH =, product WITH =, period WITH &&) WHERE (status <> 'revoked') DEFERRABLE`,
];

const DOWN = [
  'ALTER TABLE subscription_periods DROP CONSTRAINT ex_subscription_periods_overlap',
  `ALTER TABLE subscription_periods ADD CONSTRAINT ex_subscription_periods_overlap
     EXCLUDE USING gist (user_id WITH =, product WITH =, period WITH &&) WHERE (status <> 'revoked')`,
  'ALTER TABLE subscription_periods DROP months',
];

/** Periods that can be shortened, and the later ones moved up. */
export class SubscriptionRefunds1795400500000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
