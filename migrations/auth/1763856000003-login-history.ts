import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The login history: a list of device types, each a range of months. Months are made and dropped by functions of the owner. */
export class AuthLoginHistory1763856000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PARENT);
    for (const device of DEVICE_TYPES) {
      const values = device === 'unknown' ? 'DEFAULT' : `FOR VALUES IN ('${device}')`;
      await runner.query(
        `CREATE TABLE login_history_${device} PARTITION OF login_history ${values} PARTITION BY RANGE (occurred_at)`,
      );
      await runner.query(`CREATE TABLE login_history_${device}_default PARTITION OF login_history_${device} DEFAULT`);
    }
    for (const statement of [CREATE_MONTH, DROP_MONTHS, ...FIRST_MONTHS_AND_RIGHTS]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION drop_login_history_before(date)');
    await runner.query('DROP FUNCTION create_login_history_month(date)');
    await runner.query('DROP TABLE login_history');
  }
}

const DEVICE_TYPES = ['smart_tv', 'mobile', 'tablet', 'desktop', 'bot', 'unknown'];
const DEVICE_ARRAY = `ARRAY[${DEVICE_TYPES.map((device) => `'${device}'`).join(', ')}]`;

const PARENT = `CREATE TABLE login_history (
  id uuid NOT NULL,
  occurred_at timestamptz NOT NULL,
  device_type text NOT NULL,
  user_id uuid,
  session_id uuid,
  method text NOT NULL,
  outcome text NOT NULL,
  ip inet,
  browser text,
  os text,
  user_agent text,
  request_id text,
  CONSTRAINT pk_login_history PRIMARY KEY (device_type, occurred_at, id),
  CONSTRAINT ck_login_history_outcome CHECK (outcome IN ('success', 'refused', 'challenged'))
) PARTITION BY LIST (device_type)`;

/**
 * Rows that came before their month was made lie in the default partition and move over. Runs with the owner's rights:
 * the service's role may ask for a month, and can change nothing else of the schema.
 */
const CREATE_MONTH = `CREATE FUNCTION create_login_history_month(month date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  device text;
  first_day date := date_trunc('month', month)::date;
  next_first date := (first_day + interval '1 month')::date;
  partition text;
  created integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('login_history'));
  FOREACH device IN ARRAY ${DEVICE_ARRAY} LOOP
    partition := format('login_history_%s_%s', device, to_char(first_day, 'YYYY_MM'));
    CONTINUE WHEN to_regclass(partition) IS NOT NULL;
    EXECUTE format('CREATE TABLE %I (LIKE login_history INCLUDING ALL)', partition);
    EXECUTE format(
      'WITH early AS (DELETE FROM login_history_%s_default WHERE occurred_at >= %L AND occurred_at < %L RETURNING *)
       INSERT INTO %I SELECT * FROM early', device, first_day, next_first, partition);
    EXECUTE format('ALTER TABLE login_history_%s ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
      device, partition, first_day, next_first);
    created := created + 1;
  END LOOP;
  RETURN created;
END $$`;

const DROP_MONTHS = `CREATE FUNCTION drop_login_history_before(month date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  old regclass;
  dropped integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('login_history'));
  FOR old IN
    SELECT relid FROM pg_partition_tree('login_history') JOIN pg_class ON pg_class.oid = relid
     WHERE isleaf AND relname ~ '_[0-9]{4}_[0-9]{2}$'
       AND to_date(right(relname, 7), 'YYYY_MM') < date_trunc('month', month)
  LOOP
    EXECUTE format('DROP TABLE %s', old);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$`;

const FIRST_MONTHS_AND_RIGHTS = [
  // Newest first for one user: what both the user's own page and the admin's ask for.
  'CREATE INDEX ix_login_history_user ON login_history (user_id, occurred_at DESC, id DESC)',
  'SELECT create_login_history_month(current_date)',
  `SELECT create_login_history_month((current_date + interval '1 month')::date)`,
  'GRANT SELECT, INSERT ON login_history TO auth_app',
  'REVOKE ALL ON FUNCTION create_login_history_month(date), drop_login_history_before(date) FROM PUBLIC',
  'GRANT EXECUTE ON FUNCTION create_login_history_month(date), drop_login_history_before(date) TO auth_app',
];
