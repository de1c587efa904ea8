import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A key is its actor's own: that somebody else used the same one for a refund of the payment is nobody's concern. */
const UP = [
  'ALTER TABLE refunds DROP CONSTRAINT uq_refunds_client_key',
  'ALTER TABLE refunds ADD CONSTRAINT uq_refunds_client_key UNIQUE (payment_id, requested_by, client_key)',
];

const DOWN = [
  'ALTER TABLE refunds DROP CONSTRAINT uq_refunds_client_key',
  'ALTER TABLE refunds ADD CONSTRAINT uq_refunds_client_key UNIQUE (payment_id, client_key)',
];

/** One refund per payment, actor and key. */
export class RefundKeys1795402700000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
