import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The way back after a change of address; a change asked for before everything was revoked comes to nothing. */
export class AuthEmailUndos1795654800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  // One row per change: a second change must not void the way back to the first address. Consumed by deletion.
  `CREATE TABLE email_undos (
    token_hash bytea NOT NULL CONSTRAINT pk_email_undos PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT fk_email_undos_user REFERENCES users (id) ON DELETE CASCADE,
    email text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
  )`,
  'CREATE INDEX ix_email_undos_user ON email_undos (user_id, changed_at)',
  'CREATE INDEX ix_email_undos_expires_at ON email_undos (expires_at)',
  'GRANT SELECT, INSERT, DELETE ON email_undos TO auth_app',
  `ALTER TABLE one_time_tokens
     DROP CONSTRAINT ck_one_time_tokens_purpose,
     ADD CONSTRAINT ck_one_time_tokens_purpose CHECK (purpose IN ('reset_password', 'change_email'))`,
  // The user's epoch when a change of address was asked for.
  'ALTER TABLE mail_requests ADD COLUMN token_epoch integer',
];

const DOWN = [
  'ALTER TABLE mail_requests DROP COLUMN token_epoch',
  `ALTER TABLE one_time_tokens
     DROP CONSTRAINT ck_one_time_tokens_purpose,
     ADD CONSTRAINT ck_one_time_tokens_purpose CHECK (purpose IN ('reset_password', 'change_email', 'undo_email'))`,
  'DROP TABLE email_undos',
];
