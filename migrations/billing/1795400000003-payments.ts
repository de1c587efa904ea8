import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `CREATE TABLE payments (
    id uuid CONSTRAINT pk_payments PRIMARY KEY,
    user_id uuid NOT NULL,
    purpose text NOT NULL CONSTRAINT ck_payments_purpose CHECK (purpose IN ('top_up', 'subscription')),
    status text NOT NULL DEFAULT 'created' CONSTRAINT ck_payments_status CHECK (
      status IN ('created', 'session_open', 'processing', 'succeeded', 'failed', 'expired', 'needs_review')),
    amount_minor bigint NOT NULL CONSTRAINT ck_payments_amount CHECK (amount_minor BETWEEN 1 AND 99999999),
    currency text NOT NULL CONSTRAINT fk_payments_currency REFERENCES currencies (code),
    description text NOT NULL,
    snapshot jsonb NOT NULL,
    client_key text NOT NULL,
    intent_key text,
    return_path text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    session_expires_at timestamptz NOT NULL,
    session_id text CONSTRAINT uq_payments_session UNIQUE,
    session_url text,
    intent_id text CONSTRAINT uq_payments_intent UNIQUE,
    paid_at timestamptz,
    settled_at timestamptz,
    transaction_id uuid,
    review_reason text,
    attempts integer NOT NULL DEFAULT 0,
    next_check_at timestamptz,
    -- What we have asked the provider to give back: never more than was paid.
    refund_requested_minor bigint NOT NULL DEFAULT 0
      CONSTRAINT ck_payments_refund_ceiling CHECK (refund_requested_minor BETWEEN 0 AND amount_minor),
    -- The provider's facts: recorded, whatever they are.
    refunded_minor bigint NOT NULL DEFAULT 0 CONSTRAINT ck_payments_refunded CHECK (refunded_minor >= 0),
    disputed_minor bigint NOT NULL DEFAULT 0 CONSTRAINT ck_payments_disputed CHECK (disputed_minor >= 0),
    CONSTRAINT uq_payments_client_key UNIQUE (user_id, purpose, client_key),
    CONSTRAINT ck_payments_settled CHECK ((status = 'succeeded') = (transaction_id IS NOT NULL))
  )`,
  `CREATE UNIQUE INDEX uq_payments_intent_key ON payments (user_id, intent_key) WHERE status IN ('created', 'session_open', 'processing')`,
  'CREATE INDEX ix_payments_due ON payments (next_check_at) WHERE next_check_at IS NOT NULL',
  'CREATE INDEX ix_payments_user ON payments (user_id, created_at DESC)',
  'CREATE INDEX ix_payments_created_at ON payments (created_at DESC, id DESC)',

  `CREATE TABLE provider_events (
    id text CONSTRAINT pk_provider_events PRIMARY KEY,
    type text NOT NULL,
    object_id text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    status text NOT NULL DEFAULT 'received' CONSTRAINT ck_provider_events_status CHECK (status IN ('received', 'done', 'ignored', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    last_error text
  )`,
  `CREATE INDEX ix_provider_events_due ON provider_events (next_attempt_at) WHERE status = 'received'`,
  `CREATE INDEX ix_provider_events_dead ON provider_events (received_at) WHERE status = 'dead'`,
  'CREATE INDEX ix_provider_events_object ON provider_events (object_id)',

  `CREATE TABLE payment_timeline (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_payment_timeline PRIMARY KEY,
    payment_id uuid NOT NULL CONSTRAINT fk_payment_timeline_payment REFERENCES payments (id),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    what text NOT NULL,
    actor text NOT NULL,
    details jsonb NOT NULL
  )`,
  'CREATE INDEX ix_payment_timeline_payment ON payment_timeline (payment_id, id)',
  `CREATE TRIGGER tr_payment_timeline_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payment_timeline
     FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,

  'GRANT SELECT, INSERT, UPDATE ON payments, provider_events TO billing_app',
  'GRANT SELECT, INSERT ON payment_timeline TO billing_app',
];

const DOWN = ['DROP TABLE payment_timeline', 'DROP TABLE provider_events', 'DROP TABLE payments'];

/** Payments through the provider, its events as they came in, and what happened to each payment. */
export class Payments1795400000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
