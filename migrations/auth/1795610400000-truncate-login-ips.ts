import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Addresses in the login history are cut to their network after 90 days: enough to see a pattern, too little to find a person. */
export class AuthTruncateLoginIps1795610400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [INDEX, TRUNCATE_IPS, ...RIGHTS]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION truncate_old_login_ips()');
    await runner.query('DROP INDEX ix_login_history_whole_ip');
  }
}

/** Rows leave the index when they are cut, so that each run looks at what is due and not at the whole past. */
const INDEX = `CREATE INDEX ix_login_history_whole_ip ON login_history (occurred_at) WHERE masklen(ip) IN (32, 128)`;

/** Runs with the owner's rights and takes no date: the service can neither change other columns nor cut young rows. */
const TRUNCATE_IPS = `CREATE FUNCTION truncate_old_login_ips() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  truncated integer;
BEGIN
  UPDATE login_history SET ip = network(set_masklen(ip, CASE family(ip) WHEN 4 THEN 24 ELSE 48 END))::inet
   WHERE masklen(ip) IN (32, 128) AND occurred_at < now() - interval '90 days';
  GET DIAGNOSTICS truncated = ROW_COUNT;
  RETURN truncated;
END $$`;

const RIGHTS = [
  'REVOKE ALL ON FUNCTION truncate_old_login_ips() FROM PUBLIC',
  'GRANT EXECUTE ON FUNCTION truncate_old_login_ips() TO auth_app',
];
