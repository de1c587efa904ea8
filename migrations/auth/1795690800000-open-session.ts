import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A sign-in's one write once its password was right: in a single call, where a transaction of the service took five. */
export class AuthOpenSession1795690800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP FUNCTION ${SIGNATURE}`);
  }
}

const SIGNATURE =
  'open_session(uuid, uuid, integer, interval, text[], bytea, text, text, text, inet, bytea, interval, bytea, boolean)';

const UP = [
  // The user is locked before anything is looked at: every statement sees what those who had the lock before have done, so that of two
  // sign-ins at once the second one knows the device of the first.
  `CREATE FUNCTION open_session(p_id uuid, p_user uuid, p_epoch integer, p_life interval, p_methods text[], p_device bytea, p_type text,
     p_browser text, p_os text, p_ip inet, p_token bytea, p_token_life interval, p_forgiven bytea, p_announced boolean,
     OUT opened boolean, OUT new_device boolean)
   LANGUAGE plpgsql AS $$
   BEGIN
     opened := false;
     new_device := false;
     PERFORM 1 FROM users WHERE id = p_user AND token_epoch = p_epoch AND deleted_at IS NULL FOR NO KEY UPDATE;
     IF NOT FOUND THEN
       RETURN;
     END IF;
     new_device := NOT EXISTS (SELECT FROM sessions WHERE user_id = p_user AND device_key = p_device)
       AND EXISTS (SELECT FROM sessions WHERE user_id = p_user);
     IF new_device AND NOT p_announced THEN
       RETURN;
     END IF;
     INSERT INTO sessions (id, user_id, expires_at, methods, device_key, device_type, browser, os, ip)
       VALUES (p_id, p_user, now() + p_life, p_methods, p_device, p_type, p_browser, p_os, p_ip);
     INSERT INTO refresh_tokens (token_hash, session_id, expires_at) VALUES (p_token, p_id, now() + p_token_life);
     DELETE FROM sign_in_failures WHERE identifier_hash = p_forgiven;
     opened := true;
   END $$`,
  `REVOKE ALL ON FUNCTION ${SIGNATURE} FROM PUBLIC`,
  `GRANT EXECUTE ON FUNCTION ${SIGNATURE} TO auth_app`,
];
