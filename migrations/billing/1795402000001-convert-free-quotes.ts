import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  // Each posting spends the quote that is its source. A quote that was spent for nothing is open again when this returns.
  `CREATE FUNCTION convert_free_quotes(p_postings jsonb) RETURNS uuid[]
   LANGUAGE plpgsql SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
   DECLARE
     spent uuid[];
     postings jsonb;
     made uuid[];
   BEGIN
     SELECT array_agg((s.quote).transaction_id) INTO spent
       FROM (SELECT array_agg((p ->> 'sourceId')::uuid) AS quotes, array_agg((p ->> 'userId')::uuid) AS users,
                    array_agg((p ->> 'transactionId')::uuid) AS transactions
               FROM jsonb_array_elements(p_postings) p) asked,
            LATERAL spend_free_quotes(asked.quotes, asked.users, asked.transactions) s;
     SELECT jsonb_agg(p ORDER BY no) INTO postings FROM jsonb_array_elements(p_postings) WITH ORDINALITY AS given (p, no)
      WHERE (p ->> 'transactionId')::uuid = ANY (spent);
     IF postings IS NULL THEN
       RETURN '{}';
     END IF;
     SELECT coalesce(array_agg((r ->> 'transactionId')::uuid), '{}') INTO made
       FROM jsonb_array_elements(post_transactions(postings)) r WHERE r ->> 'status' = 'posted';
     IF cardinality(made) < jsonb_array_length(postings) THEN
       UPDATE quotes q SET status = 'open', transaction_id = NULL FROM jsonb_array_elements(postings) p
        WHERE q.id = (p ->> 'sourceId')::uuid AND NOT (p ->> 'transactionId')::uuid = ANY (made);
     END IF;
     RETURN made;
   END $$`,
  'REVOKE ALL ON FUNCTION convert_free_quotes FROM PUBLIC',
  'GRANT EXECUTE ON FUNCTION convert_free_quotes TO billing_app',
];

const DOWN = ['DROP FUNCTION convert_free_quotes'];

/** Conversions that go together, from the quote to the outbox, in one statement. */
export class ConvertFreeQuotes1795402000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
