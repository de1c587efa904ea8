import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What an administrator did alone lately is added up at each of their adjustments. */
export class AdjustmentsMadeAlone1795402300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE INDEX ix_adjustments_alone ON adjustments (requested_by, requested_at) WHERE NOT needs_approval',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX ix_adjustments_alone');
  }
}
