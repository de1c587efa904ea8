import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Of a user who has left, the login history keeps that there was a sign-in, not from where and on what it was. */
export class AuthForgetLoginOrigins1795705200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION forget_login_origins(uuid)');
    await runner.query('DROP INDEX ix_users_deleted_at');
  }
}

const UP = [
  'CREATE INDEX ix_users_deleted_at ON users (deleted_at) WHERE deleted_at IS NOT NULL',
  // Runs with the owner's rights: the service can change nothing of the history but this, and this only of users who are deleted.
  `CREATE FUNCTION forget_login_origins(gone uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  forgotten integer := 0;
BEGIN
  IF EXISTS (SELECT 1 FROM users WHERE id = gone AND deleted_at IS NOT NULL) THEN
    UPDATE login_history SET ip = NULL, user_agent = NULL, browser = NULL, os = NULL
     WHERE user_id = gone AND num_nonnulls(ip, user_agent, browser, os) > 0;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
  END IF;
  RETURN forgotten;
END $$`,
  'REVOKE ALL ON FUNCTION forget_login_origins(uuid) FROM PUBLIC',
  'GRANT EXECUTE ON FUNCTION forget_login_origins(uuid) TO auth_app',
  'SELECT forget_login_origins(id) FROM users WHERE deleted_at IS NOT NULL',
];
