import type { MigrationInterface, QueryRunner } from 'typeorm';
import { outboxTablesDownV1, outboxTablesUpV1 } from '#libs/database';

const UP = [
  ...outboxTablesUpV1('billing_app'),

  `CREATE TABLE profiles (
    user_id uuid CONSTRAINT pk_profiles PRIMARY KEY,
    display_name text CONSTRAINT ck_profiles_display_name CHECK (length(display_name) BETWEEN 1 AND 100),
    country text CONSTRAINT ck_profiles_country CHECK (country ~ '^[A-Z]{2}$'),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  )`,

  `CREATE TABLE idempotency_keys (
    user_id uuid NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    owner uuid NOT NULL,
    locked_until timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    response_status smallint,
    response_body text,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (user_id, route, key),
    CONSTRAINT ck_idempotency_keys_response CHECK ((response_status IS NULL) = (response_body IS NULL))
  )`,
  'CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys USING brin (created_at)',

  `CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_audit_log PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL,
    action text NOT NULL,
    subject_type text NOT NULL,
    subject_id text NOT NULL,
    reason text,
    details jsonb NOT NULL
  )`,
  'CREATE INDEX ix_audit_log_subject ON audit_log (subject_type, subject_id)',
  `CREATE TRIGGER tr_audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
     FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,

  'GRANT SELECT, INSERT, UPDATE ON profiles TO billing_app',
  'GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO billing_app',
  'GRANT SELECT, INSERT ON audit_log TO billing_app',
];

const DOWN = ['DROP TABLE audit_log', 'DROP TABLE idempotency_keys', 'DROP TABLE profiles', ...outboxTablesDownV1()];

/** Outbox and inbox, profiles, idempotency keys of the API, and who did what as an administrator. */
export class ProfilesKeysAudit1795400000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
