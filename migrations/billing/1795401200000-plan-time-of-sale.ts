import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A sale does not end before it begins; one that was archived before it began has no time at all. */
export class PlanTimeOfSale1795401200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE plans ADD CONSTRAINT ck_plans_time_of_sale CHECK (active_until >= active_from)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE plans DROP CONSTRAINT ck_plans_time_of_sale');
  }
}
