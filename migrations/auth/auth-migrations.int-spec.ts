import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, sqlClient, type TestDatabase } from '#libs/testing';
import { migrations } from './index.js';

let database: TestDatabase;
let service: Client;
let owner: Client;

beforeAll(async () => {
  database = await createTestDatabase('auth', migrations);
  service = sqlClient(database.appUrl);
  owner = sqlClient(database.ownerUrl);
  await Promise.all([service.connect(), owner.connect()]);
});
afterAll(async () => {
  await Promise.all([service.end(), owner.end()]);
  await database.drop();
});

describe('the schema of auth_db', () => {
  it.each([
    'CREATE TABLE stray (id int)',
    'ALTER TABLE users ADD COLUMN stray int',
    'DROP TABLE sessions',
    'TRUNCATE refresh_tokens',
    'ALTER TABLE login_history DETACH PARTITION login_history_bot',
    'DELETE FROM users',
    "UPDATE login_history SET outcome = 'success'",
    'DELETE FROM login_history',
    'UPDATE login_history SET ip = NULL',
    "UPDATE audit_entries SET action = 'nothing'",
    'DELETE FROM audit_entries',
    'ALTER FUNCTION create_login_history_month(date) RENAME TO mine',
  ])('does not let the service run: %s', async (statement) => {
    await expect(service.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it('begins with nobody in it', async () => {
    for (const table of ['users', 'registrations', 'identities', 'sessions'])
      expect((await owner.query(`SELECT 1 FROM ${table}`)).rowCount).toBe(0);
  });

  it('keeps the audit trail even from its owner', async () => {
    await owner.query("INSERT INTO audit_entries (id, action) VALUES (gen_random_uuid(), 'test.acted')");
    for (const statement of [
      "UPDATE audit_entries SET action = 'x'",
      'DELETE FROM audit_entries',
      'TRUNCATE audit_entries',
    ]) {
      await expect(owner.query(statement)).rejects.toThrow('append-only');
    }
  });

  it('lets the service blank the login history of users who are deleted, and of nobody else', async () => {
    await owner.query(`WITH people AS (
        INSERT INTO users (id, email, locale, deleted_at)
        VALUES (gen_random_uuid(), 'stays@example.com', 'en', NULL), (gen_random_uuid(), NULL, 'en', now()) RETURNING id)
      INSERT INTO login_history (id, occurred_at, device_type, user_id, method, outcome, ip)
      SELECT gen_random_uuid(), now(), 'mobile', id, 'password', 'success', '203.0.113.7' FROM people`);
    const { rows } = await service.query(
      'SELECT deleted_at IS NOT NULL AS gone, forget_login_origins(id) AS forgotten FROM users ORDER BY gone',
    );
    expect(rows).toEqual([
      { gone: false, forgotten: 0 },
      { gone: true, forgotten: 1 },
    ]);
    const left = await service.query('SELECT ip FROM login_history ORDER BY ip');
    expect(left.rows).toEqual([{ ip: '203.0.113.7' }, { ip: null }]);
    await owner.query('DELETE FROM login_history');
    await owner.query('DELETE FROM users');
  });

  it('takes no address that is not in its normal form, no unknown role, and no second user with an address', async () => {
    const insert = (email: string, roles = '{public_user}'): Promise<unknown> =>
      owner.query("INSERT INTO users (id, email, locale, roles) VALUES (gen_random_uuid(), $1, 'en', $2)", [
        email,
        roles,
      ]);
    await insert('once@example.com');
    await expect(insert('once@example.com')).rejects.toThrow('uq_users_email');
    await expect(insert('Upper@example.com')).rejects.toThrow('ck_users_email_normalised');
    await expect(insert(' space@example.com')).rejects.toThrow('ck_users_email_normalised');
    await expect(insert('root@example.com', '{root}')).rejects.toThrow('ck_users_roles');
    await expect(insert('none@example.com', '{}')).rejects.toThrow('ck_users_roles');
  });

  it('names every constraint by hand', async () => {
    const { rows } = await owner.query<{ conname: string }>(
      `SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
        WHERE contype <> 'n' AND connamespace = 'public'::regnamespace AND NOT relispartition AND relname <> 'schema_migrations'`,
    );
    expect(rows.map(({ conname }) => conname).filter((name) => !/^(pk|fk|uq|ck|ix)_/.test(name))).toEqual([]);
  });
});

describe('months of the login history', () => {
  const insertAt = (at: string): Promise<unknown> =>
    service.query(
      `INSERT INTO login_history (id, occurred_at, device_type, method, outcome) VALUES (gen_random_uuid(), $1, 'mobile', 'password', 'success')`,
      [at],
    );
  const placesOf = async (at: string): Promise<string[]> => {
    const { rows } = await service.query<{ place: string }>(
      'SELECT tableoid::regclass::text AS place FROM login_history WHERE occurred_at = $1',
      [at],
    );
    return rows.map(({ place }) => place);
  };

  it('are made by the service through a function of the owner, taking over rows that came early', async () => {
    const early = '2031-03-10T12:00:00Z';
    await insertAt(early);
    expect(await placesOf(early)).toEqual(['login_history_mobile_default']);
    const { rows } = await service.query(`SELECT create_login_history_month('2031-03-15') AS created`);
    expect(rows).toEqual([{ created: 6 }]);
    expect(await placesOf(early)).toEqual(['login_history_mobile_2031_03']);
    const again = await service.query(`SELECT create_login_history_month('2031-03-01') AS created`);
    expect(again.rows).toEqual([{ created: 0 }]);
  });

  it('are dropped whole when they are old, and no newer one with them', async () => {
    await service.query(`SELECT create_login_history_month('2019-01-01'), create_login_history_month('2019-02-01')`);
    await insertAt('2019-01-31T23:59:59Z');
    await insertAt('2019-02-01T00:00:00Z');
    const { rows } = await service.query(`SELECT drop_login_history_before('2019-02-20') AS dropped`);
    expect(rows).toEqual([{ dropped: 6 }]);
    expect(await placesOf('2019-01-31T23:59:59Z')).toEqual([]);
    expect(await placesOf('2019-02-01T00:00:00Z')).toEqual(['login_history_mobile_2019_02']);
  });
});
