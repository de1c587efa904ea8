import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What voided access tokens before they expired: the truth behind the list that all services keep. */
export class AuthRevocations1763856000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE revocations (
      id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_revocations PRIMARY KEY,
      user_id uuid NOT NULL,
      session_id uuid,
      epoch integer,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      CONSTRAINT ck_revocations_session_or_epoch CHECK ((session_id IS NULL) <> (epoch IS NULL))
    )`);
    await runner.query('CREATE INDEX ix_revocations_at ON revocations (at)');
    await runner.query('GRANT SELECT, INSERT, DELETE ON revocations TO auth_app');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE revocations');
  }
}
