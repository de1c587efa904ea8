import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A state that came back from Google once must not come back again, in whatever copy of the cookie. */
export class AuthSpentOAuthStates1795654800001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE spent_oauth_states');
  }
}

const UP = [
  `CREATE TABLE spent_oauth_states (
    state_hash bytea NOT NULL CONSTRAINT pk_spent_oauth_states PRIMARY KEY,
    expires_at timestamptz NOT NULL
  )`,
  'CREATE INDEX ix_spent_oauth_states_expires_at ON spent_oauth_states (expires_at)',
  'GRANT SELECT, INSERT, DELETE ON spent_oauth_states TO auth_app',
];
