import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whoever had the last word about an adjustment is not who gets the money. Not asked of adjustments that were posted before. */
export class OwnAdjustments1795402200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE adjustments ADD CONSTRAINT ck_adjustments_own_money
         CHECK (status <> 'posted' OR user_id <> coalesce(decided_by, requested_by)) NOT VALID`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE adjustments DROP CONSTRAINT ck_adjustments_own_money');
  }
}
