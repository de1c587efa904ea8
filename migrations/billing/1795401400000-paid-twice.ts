import type { MigrationInterface, QueryRunner } from 'typeorm';

const reasons = (list: string): string[] => [
  'ALTER TABLE payments DROP CONSTRAINT ck_payments_refund_due',
  `ALTER TABLE payments ADD CONSTRAINT ck_payments_refund_due CHECK (refund_due IN (${list}))`,
];

/** Money that was paid a second time for one order, to be given back by the service itself. */
export class PaidTwice1795401400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of reasons(`'blocked', 'deleted', 'paid_twice'`)) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`UPDATE payments SET refund_due = NULL WHERE refund_due = 'paid_twice'`);
    for (const statement of reasons(`'blocked', 'deleted'`)) await runner.query(statement);
  }
}
