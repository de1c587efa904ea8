import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions with their refresh families, and the keys that sign access tokens. */
export class AuthSessions1763856000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['signing_keys', 'refresh_tokens', 'sessions']) await runner.query(`DROP TABLE ${table}`);
  }
}

const UP = [
  `CREATE TABLE sessions (
    id uuid NOT NULL CONSTRAINT pk_sessions PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT fk_sessions_user REFERENCES users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    authenticated_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    methods text[] NOT NULL,
    device_key bytea NOT NULL,
    device_type text NOT NULL,
    browser text,
    os text,
    ip inet,
    ended_at timestamptz,
    end_reason text,
    CONSTRAINT ck_sessions_end CHECK ((ended_at IS NULL) = (end_reason IS NULL))
  )`,
  'CREATE INDEX ix_sessions_user ON sessions (user_id, device_key)',
  'CREATE INDEX ix_sessions_expires_at ON sessions (expires_at)',
  // Spent tokens stay as long as their session, so that a stolen one is recognised whenever it comes back.
  `CREATE TABLE refresh_tokens (
    token_hash bytea NOT NULL CONSTRAINT pk_refresh_tokens PRIMARY KEY,
    session_id uuid NOT NULL CONSTRAINT fk_refresh_tokens_session REFERENCES sessions (id) ON DELETE CASCADE,
    issued_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    spent_at timestamptz,
    spent_by bytea,
    sealed_answer text,
    CONSTRAINT ck_refresh_tokens_spent CHECK ((spent_at IS NULL) = (spent_by IS NULL))
  )`,
  'CREATE INDEX ix_refresh_tokens_session ON refresh_tokens (session_id)',
  // The single successor, promised by the database itself.
  'CREATE UNIQUE INDEX uq_refresh_tokens_head ON refresh_tokens (session_id) WHERE spent_at IS NULL',
  `CREATE TABLE signing_keys (
    kid text NOT NULL CONSTRAINT pk_signing_keys PRIMARY KEY,
    status text NOT NULL CONSTRAINT ck_signing_keys_status CHECK (status IN ('next', 'current', 'previous')),
    public_jwk jsonb NOT NULL,
    sealed_private_key text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    status_since timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE UNIQUE INDEX uq_signing_keys_one_each ON signing_keys (status) WHERE status IN ('next', 'current')`,
  'GRANT SELECT, INSERT, UPDATE, DELETE ON sessions, refresh_tokens, signing_keys TO auth_app',
];
