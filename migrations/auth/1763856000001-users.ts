import type { MigrationInterface, QueryRunner } from 'typeorm';
import { outboxTablesDownV1, outboxTablesUpV1 } from '#libs/database';

/** Users, what proves an address, what limits guessing, and the event tables. */
export class AuthUsers1763856000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...outboxTablesUpV1('auth_app'), ...UP]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of [...DOWN, ...outboxTablesDownV1()]) await runner.query(statement);
  }
}

const UP = [
  `CREATE TABLE users (
    id uuid NOT NULL CONSTRAINT pk_users PRIMARY KEY,
    email text,
    email_verified_at timestamptz,
    password_hash text,
    locale text NOT NULL CONSTRAINT ck_users_locale CHECK (locale IN ('en', 'ru')),
    roles text[] NOT NULL DEFAULT '{public_user}',
    version bigint NOT NULL DEFAULT 1,
    token_epoch integer NOT NULL DEFAULT 1,
    blocked_at timestamptz,
    blocked_until timestamptz,
    blocked_reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT uq_users_email UNIQUE (email),
    CONSTRAINT ck_users_email_normalised CHECK (email = btrim(email) AND email !~ '[A-Z]' AND length(email) <= 254),
    CONSTRAINT ck_users_email_until_deleted CHECK (deleted_at IS NOT NULL OR email IS NOT NULL),
    CONSTRAINT ck_users_roles CHECK (roles <@ '{public_user,admin,super_user}' AND cardinality(roles) > 0),
    CONSTRAINT ck_users_password_hash CHECK (password_hash LIKE '$argon2id$%')
  )`,
  // The super users are few and looked for whenever one of them is changed.
  `CREATE INDEX ix_users_privileged ON users USING gin (roles) WHERE roles <> '{public_user}'`,
  'CREATE INDEX ix_users_created_at ON users (created_at, id)',
  `CREATE TABLE identities (
    provider text NOT NULL CONSTRAINT ck_identities_provider CHECK (provider IN ('google')),
    subject text NOT NULL,
    user_id uuid NOT NULL CONSTRAINT fk_identities_user REFERENCES users (id) ON DELETE CASCADE,
    email text,
    linked_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_identities PRIMARY KEY (provider, subject),
    CONSTRAINT uq_identities_user UNIQUE (user_id, provider)
  )`,
  // A sign-up is no user until its address is proved: an unproved one owns nothing that could be merged or taken over.
  `CREATE TABLE registrations (
    id uuid NOT NULL CONSTRAINT pk_registrations PRIMARY KEY,
    email text NOT NULL,
    password_hash text,
    locale text NOT NULL,
    token_hash bytea CONSTRAINT uq_registrations_token UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
  )`,
  'CREATE INDEX ix_registrations_email ON registrations (email)',
  'CREATE INDEX ix_registrations_expires_at ON registrations (expires_at)',
  // What somebody asked for by naming an address. Answered off the request path, so that known and unknown addresses look the same.
  `CREATE TABLE mail_requests (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_mail_requests PRIMARY KEY,
    purpose text NOT NULL CONSTRAINT ck_mail_requests_purpose CHECK (purpose IN ('registration', 'verification', 'recovery')),
    email text NOT NULL,
    locale text NOT NULL,
    registration_id uuid,
    requested_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_mail_requests_registration CHECK ((purpose = 'registration') = (registration_id IS NOT NULL))
  )`,
  `CREATE TABLE mail_allowances (
    email text NOT NULL,
    purpose text NOT NULL,
    window_started_at timestamptz NOT NULL,
    mails integer NOT NULL,
    CONSTRAINT pk_mail_allowances PRIMARY KEY (email, purpose)
  )`,
  // At most one live token per user and purpose: a newer one replaces the older. Consumed by deletion.
  `CREATE TABLE one_time_tokens (
    user_id uuid NOT NULL CONSTRAINT fk_one_time_tokens_user REFERENCES users (id) ON DELETE CASCADE,
    purpose text NOT NULL CONSTRAINT ck_one_time_tokens_purpose CHECK (purpose IN ('reset_password', 'change_email', 'undo_email')),
    token_hash bytea NOT NULL CONSTRAINT uq_one_time_tokens_token UNIQUE,
    email text,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_one_time_tokens PRIMARY KEY (user_id, purpose)
  )`,
  // Durable, so that a Redis flush gives no new guesses; by address, known or not, so that counting tells nothing.
  `CREATE TABLE sign_in_failures (
    identifier_hash bytea NOT NULL CONSTRAINT pk_sign_in_failures PRIMARY KEY,
    failures integer NOT NULL,
    last_failed_at timestamptz NOT NULL,
    blocked_until timestamptz
  )`,
  'GRANT SELECT, INSERT, UPDATE ON users TO auth_app',
  'GRANT SELECT, INSERT, UPDATE, DELETE ON identities, registrations, mail_requests, mail_allowances, one_time_tokens, sign_in_failures TO auth_app',
];

const DOWN = [
  'DROP TABLE sign_in_failures',
  'DROP TABLE one_time_tokens',
  'DROP TABLE mail_allowances',
  'DROP TABLE mail_requests',
  'DROP TABLE registrations',
  'DROP TABLE identities',
  'DROP TABLE users',
];
