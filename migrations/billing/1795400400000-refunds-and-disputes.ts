import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  // What has been taken back in our books, and what that cost the user in the credited currency: never more than was given.
  `ALTER TABLE payments
     ADD COLUMN taken_minor bigint NOT NULL DEFAULT 0,
     ADD COLUMN clawed_minor bigint NOT NULL DEFAULT 0,
     ADD CONSTRAINT ck_payments_taken CHECK (taken_minor BETWEEN 0 AND amount_minor),
     ADD CONSTRAINT ck_payments_clawed CHECK (clawed_minor >= 0)`,

  `CREATE TABLE refunds (
    id uuid CONSTRAINT pk_refunds PRIMARY KEY,
    payment_id uuid NOT NULL CONSTRAINT fk_refunds_payment REFERENCES payments (id),
    amount_minor bigint NOT NULL CONSTRAINT ck_refunds_amount CHECK (amount_minor > 0),
    status text NOT NULL CONSTRAINT ck_refunds_status CHECK (status IN ('requested', 'pending', 'succeeded', 'failed')),
    reason text NOT NULL,
    -- A user's id, or "provider" for a refund made in the provider's own dashboard.
    requested_by text NOT NULL,
    client_key text,
    provider_id text CONSTRAINT uq_refunds_provider UNIQUE,
    taken_minor bigint NOT NULL DEFAULT 0,
    taken_transaction uuid,
    returned_transaction uuid,
    failure text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    next_check_at timestamptz,
    CONSTRAINT uq_refunds_client_key UNIQUE (payment_id, client_key),
    CONSTRAINT ck_refunds_returned CHECK (returned_transaction IS NULL OR taken_transaction IS NOT NULL)
  )`,
  'CREATE INDEX ix_refunds_payment ON refunds (payment_id)',
  'CREATE INDEX ix_refunds_due ON refunds (next_check_at) WHERE next_check_at IS NOT NULL',

  `CREATE TABLE disputes (
    id text CONSTRAINT pk_disputes PRIMARY KEY,
    payment_id uuid NOT NULL CONSTRAINT fk_disputes_payment REFERENCES payments (id),
    amount_minor bigint NOT NULL CONSTRAINT ck_disputes_amount CHECK (amount_minor > 0),
    provider_status text NOT NULL,
    state text NOT NULL CONSTRAINT ck_disputes_state CHECK (state IN ('warning', 'open', 'won', 'lost')),
    reason text NOT NULL,
    hold_id uuid,
    taken_minor bigint NOT NULL DEFAULT 0,
    taken_transaction uuid,
    returned_transaction uuid,
    opened_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE INDEX ix_disputes_payment ON disputes (payment_id)',
  'GRANT SELECT, INSERT, UPDATE ON refunds, disputes TO billing_app',
];

const DOWN = [
  'DROP TABLE disputes',
  'DROP TABLE refunds',
  'ALTER TABLE payments DROP COLUMN clawed_minor, DROP COLUMN taken_minor',
];

/** Money that goes back to the payer: because we return it, or because their bank takes it. */
export class RefundsAndDisputes1795400400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
