import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  // The wallets are locked before the quotes are marked, so that a quote whose wallet is not free stays as it was.
  `CREATE FUNCTION spend_free_quotes(p_quotes uuid[], p_users uuid[], p_transactions uuid[])
     RETURNS TABLE (quote quotes, from_wallet uuid, to_wallet uuid)
   LANGUAGE plpgsql SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
   DECLARE
     ids uuid[];
     users uuid[];
     froms text[];
     tos text[];
   BEGIN
     SELECT array_agg(free.id), array_agg(free.user_id), array_agg(free.from_currency), array_agg(free.to_currency)
       INTO ids, users, froms, tos
       FROM (SELECT q.* FROM quotes q
              WHERE (q.id, q.user_id) IN (SELECT * FROM unnest(p_quotes, p_users))
                AND q.status = 'open' AND q.expires_at > clock_timestamp() FOR UPDATE OF q SKIP LOCKED) free;
     RETURN QUERY
       WITH wallets AS MATERIALIZED (SELECT w.user_id, w.currency, w.account_id FROM lock_free_wallets(users || users, froms || tos) w)
       UPDATE quotes q SET status = 'used', transaction_id = asked.transaction_id
         FROM unnest(p_quotes, p_users, p_transactions) AS asked (id, user_id, transaction_id),
              unnest(ids, users, froms, tos) AS free (id, user_id, from_currency, to_currency), wallets w_from, wallets w_to
        WHERE q.id = free.id AND asked.id = free.id AND asked.user_id = free.user_id
          AND w_from.user_id = free.user_id AND w_from.currency = free.from_currency
          AND w_to.user_id = free.user_id AND w_to.currency = free.to_currency
       RETURNING q, w_from.account_id, w_to.account_id;
   END $$`,
  'REVOKE ALL ON FUNCTION spend_free_quotes FROM PUBLIC',
  'GRANT EXECUTE ON FUNCTION spend_free_quotes TO billing_app',
];

const DOWN = ['DROP FUNCTION spend_free_quotes'];

/** What conversions that go together have to do before they post, in one journey: quotes and wallets locked, quotes marked. */
export class SpendFreeQuotes1795401900000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
