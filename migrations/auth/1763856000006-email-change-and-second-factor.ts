import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Changing the address goes through the mail requests too; TOTP, recovery codes and the challenges between two factors. */
export class AuthEmailChangeAndSecondFactor1763856000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  `ALTER TABLE mail_requests
     DROP CONSTRAINT ck_mail_requests_purpose,
     ADD COLUMN user_id uuid,
     ADD CONSTRAINT ck_mail_requests_purpose CHECK (purpose IN ('registration', 'verification', 'recovery', 'email_change')),
     ADD CONSTRAINT ck_mail_requests_user CHECK ((purpose = 'email_change') = (user_id IS NOT NULL))`,
  `CREATE TABLE totp_factors (
    user_id uuid NOT NULL CONSTRAINT pk_totp_factors PRIMARY KEY CONSTRAINT fk_totp_factors_user REFERENCES users (id) ON DELETE CASCADE,
    sealed_secret text NOT NULL,
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    blocked_until timestamptz
  )`,
  `CREATE TABLE recovery_codes (
    user_id uuid NOT NULL CONSTRAINT fk_recovery_codes_user REFERENCES users (id) ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    CONSTRAINT pk_recovery_codes PRIMARY KEY (user_id, code_hash)
  )`,
  // The first factor was right, the second is awaited. The epoch voids challenges of a changed account.
  `CREATE TABLE second_factor_challenges (
    token_hash bytea NOT NULL CONSTRAINT pk_second_factor_challenges PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT fk_second_factor_challenges_user REFERENCES users (id) ON DELETE CASCADE,
    token_epoch integer NOT NULL,
    method text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL
  )`,
  'CREATE INDEX ix_second_factor_challenges_expires_at ON second_factor_challenges (expires_at)',
  'CREATE INDEX ix_second_factor_challenges_user ON second_factor_challenges (user_id)',
  'GRANT SELECT, INSERT, UPDATE, DELETE ON totp_factors, recovery_codes, second_factor_challenges TO auth_app',
];

const DOWN = [
  'DROP TABLE second_factor_challenges',
  'DROP TABLE recovery_codes',
  'DROP TABLE totp_factors',
  `ALTER TABLE mail_requests
     DROP CONSTRAINT ck_mail_requests_user,
     DROP CONSTRAINT ck_mail_requests_purpose,
     DROP COLUMN user_id,
     ADD CONSTRAINT ck_mail_requests_purpose CHECK (purpose IN ('registration', 'verification', 'recovery'))`,
];
