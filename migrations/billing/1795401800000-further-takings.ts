import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a lost dispute has cost may be taken in pieces: what was left of its payment at first, the rest once a refund before it has
 * failed. The first piece is `taken_transaction`; `taken_minor` counts them all, and they are given back together.
 */
export class FurtherTakings1795401800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE disputes ADD COLUMN further_takings uuid[] NOT NULL DEFAULT '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE disputes DROP COLUMN further_takings');
  }
}
