import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a refund has cost may be taken in pieces, as that of a lost dispute: what was left of its payment at first, the rest once the
 * dispute before it is won. The first piece is `taken_transaction`; `taken_minor` counts them all, and they are given back together.
 */
export class RefundsTakenInPieces1795402100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE refunds ADD COLUMN further_takings uuid[] NOT NULL DEFAULT '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE refunds DROP COLUMN further_takings');
  }
}
