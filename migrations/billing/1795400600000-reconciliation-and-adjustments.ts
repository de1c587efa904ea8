import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `CREATE TABLE reconciliations (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_reconciliations PRIMARY KEY,
    from_at timestamptz NOT NULL,
    to_at timestamptz NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    ok boolean NOT NULL,
    report jsonb NOT NULL,
    CONSTRAINT ck_reconciliations_range CHECK (from_at < to_at)
  )`,
  'CREATE INDEX ix_reconciliations_to_at ON reconciliations (to_at DESC)',
  `CREATE TABLE adjustments (
    id uuid CONSTRAINT pk_adjustments PRIMARY KEY,
    user_id uuid NOT NULL,
    currency text NOT NULL CONSTRAINT fk_adjustments_currency REFERENCES currencies (code),
    amount_minor bigint NOT NULL CONSTRAINT ck_adjustments_amount CHECK (amount_minor <> 0),
    reason text NOT NULL,
    status text NOT NULL CONSTRAINT ck_adjustments_status CHECK (status IN ('waiting', 'posted', 'rejected')),
    requested_by uuid NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now(),
    client_key text NOT NULL,
    needs_approval boolean NOT NULL,
    decided_by uuid,
    decided_at timestamptz,
    transaction_id uuid,
    CONSTRAINT uq_adjustments_key UNIQUE (requested_by, client_key),
    CONSTRAINT ck_adjustments_posted CHECK ((status = 'posted') = (transaction_id IS NOT NULL)),
    -- Four eyes, said by the table itself.
    CONSTRAINT ck_adjustments_four_eyes CHECK (
      NOT needs_approval OR status = 'waiting' OR (decided_by IS NOT NULL AND (status = 'rejected' OR decided_by <> requested_by)))
  )`,
  `CREATE INDEX ix_adjustments_waiting ON adjustments (requested_at) WHERE status = 'waiting'`,
  'GRANT SELECT, INSERT ON reconciliations TO billing_app',
  'GRANT SELECT, INSERT, UPDATE ON adjustments TO billing_app',
];

/** Reports of comparing our books with the provider's, and corrections by administrators. */
export class ReconciliationAndAdjustments1795400600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE adjustments');
    await runner.query('DROP TABLE reconciliations');
  }
}
