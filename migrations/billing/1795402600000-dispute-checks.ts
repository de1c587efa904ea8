import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  'ALTER TABLE disputes ADD next_check_at timestamptz',
  `UPDATE disputes SET next_check_at = now()
    WHERE provider_status NOT IN ('won', 'lost', 'warning_closed', 'prevented')`,
  'CREATE INDEX ix_disputes_due ON disputes (next_check_at) WHERE next_check_at IS NOT NULL',
];

const DOWN = ['DROP INDEX ix_disputes_due', 'ALTER TABLE disputes DROP COLUMN next_check_at'];

/** Undecided disputes are looked at again, whether or not news of them comes. */
export class DisputeChecks1795402600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
