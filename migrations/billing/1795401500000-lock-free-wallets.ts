import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The function as this version made it: for postings of many users in one transaction, which must not wait for the lock of any of them. */
export const LOCK_FREE_WALLETS = `CREATE FUNCTION lock_free_wallets(p_users uuid[], p_currencies text[]) RETURNS SETOF account_balances
   LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
     SELECT b.* FROM account_balances b
       JOIN accounts a ON a.user_id = b.user_id AND a.id = b.account_id
       JOIN (SELECT DISTINCT user_id, currency FROM unnest(p_users, p_currencies) AS w (user_id, currency)) wanted
         ON a.user_id = wanted.user_id AND a.currency = wanted.currency AND a.kind = 'wallet'
      WHERE b.status = 'open' FOR UPDATE OF b SKIP LOCKED
   $$`;

const UP = [
  LOCK_FREE_WALLETS,
  'REVOKE ALL ON FUNCTION lock_free_wallets FROM PUBLIC',
  'GRANT EXECUTE ON FUNCTION lock_free_wallets TO billing_app',
];

const DOWN = ['DROP FUNCTION lock_free_wallets'];

/** The wallets that nobody has locked, for postings that go together. */
export class LockFreeWallets1795401500000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
