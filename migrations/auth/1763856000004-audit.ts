import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who did what to whom: rows are added and read, never changed, by nobody. */
export class AuthAudit1763856000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_entries');
    await runner.query('DROP FUNCTION refuse_audit_change()');
  }
}

const UP = [
  `CREATE TABLE audit_entries (
    id uuid NOT NULL CONSTRAINT pk_audit_entries PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor_id uuid,
    action text NOT NULL,
    subject_id uuid,
    before jsonb,
    after jsonb,
    request_id text
  )`,
  'CREATE INDEX ix_audit_entries_subject ON audit_entries (subject_id, id DESC)',
  'CREATE INDEX ix_audit_entries_actor ON audit_entries (actor_id, id DESC)',
  // Rights bind the service's role only; the trigger binds the owner as well.
  `CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN RAISE EXCEPTION 'audit_entries is append-only' USING ERRCODE = 'insufficient_privilege'; END $$`,
  `CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
   FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()`,
  'GRANT SELECT, INSERT ON audit_entries TO auth_app',
];
