import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sqlClient, sqlPool } from '../../../tools/local/sql.ts';
import { testStores, uniqueName } from './stores.js';

const url = new URL(testStores().TEST_POSTGRES_URL);
url.searchParams.set('application_name', uniqueName('cut'));
const watcher = sqlClient(testStores().TEST_POSTGRES_URL);

beforeAll(() => watcher.connect());
afterAll(() => watcher.end());

const sessions = async (what: string): Promise<number> =>
  (
    await watcher.query(`SELECT ${what} FROM pg_stat_activity WHERE application_name = $1`, [
      url.searchParams.get('application_name'),
    ])
  ).rowCount!;

describe('a pool of a test', () => {
  let pool: ReturnType<typeof sqlPool>;
  beforeEach(() => {
    pool = sqlPool(url.href, 3);
  });
  afterEach(() => (pool.ending ? undefined : pool.end()));

  it('outlives the end of its idle connections and opens others', async () => {
    await Promise.all([1, 2, 3].map(() => pool.query('SELECT pg_sleep(0.01)')));
    const gone = new Promise<void>((resolve) => pool.on('remove', () => pool.totalCount === 0 && resolve()));
    expect(await sessions('pg_terminate_backend(pid)')).toBe(3);
    await gone;
    expect((await pool.query('SELECT 42 AS answer')).rows).toEqual([{ answer: 42 }]);
  });

  it('fails the next query of a connection that was cut while somebody held it, and nothing else', async () => {
    const client = await pool.connect();
    const gone = new Promise((resolve) => client.once('end', resolve));
    await sessions('pg_terminate_backend(pid)');
    await gone;
    await expect(client.query('SELECT 1')).rejects.toThrow();
    client.release(true);
    expect((await pool.query('SELECT 42 AS answer')).rows).toEqual([{ answer: 42 }]);
  });

  it('has left the server when its end has resolved', async () => {
    await Promise.all([1, 2, 3].map(() => pool.query('SELECT pg_sleep(0.01)')));
    await pool.end();
    expect(await sessions('pid')).toBe(0);
  });
});

describe('a client of a test', () => {
  it('outlives the end of its connection', async () => {
    const client = sqlClient(url.href);
    await client.connect();
    const gone = new Promise((resolve) => client.once('end', resolve));
    expect(await sessions('pg_terminate_backend(pid)')).toBe(1);
    await gone;
    await expect(client.query('SELECT 1')).rejects.toThrow();
  });
});
