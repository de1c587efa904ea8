import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `ALTER TABLE payments
     ADD refund_due text CONSTRAINT ck_payments_refund_due CHECK (refund_due IN ('blocked', 'deleted'))`,
  'CREATE INDEX ix_payments_refund_due ON payments (id) WHERE refund_due IS NOT NULL',
];

const DOWN = ['DROP INDEX ix_payments_refund_due', 'ALTER TABLE payments DROP COLUMN refund_due'];

/** Money that arrived from users whose access is withheld, for a person to give back. */
export class RefundDue1795400900000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
