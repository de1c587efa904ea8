import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who reprices a plan names the prices that were seen: of two at once one is told. */
export class PlanPricesVersion1795401100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE plans ADD prices_version integer NOT NULL DEFAULT 1');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE plans DROP COLUMN prices_version');
  }
}
