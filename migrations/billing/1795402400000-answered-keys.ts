import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  // Each row is found by its key, whatever the planner believes of the table: a plan that a connection keeps since the table was
  // small reads all of it.
  `CREATE FUNCTION answer_idempotency_keys(
     p_users uuid[], p_routes text[], p_keys text[], p_owners uuid[], p_statuses smallint[], p_bodies text[]) RETURNS void
   LANGUAGE plpgsql SET search_path = public, pg_temp
   SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
   BEGIN
     UPDATE idempotency_keys k SET response_status = kept.status, response_body = kept.body
       FROM unnest(p_users, p_routes, p_keys, p_owners, p_statuses, p_bodies)
         AS kept (user_id, route, key, owner, status, body)
      WHERE k.user_id = kept.user_id AND k.route = kept.route AND k.key = kept.key AND k.owner = kept.owner;
   END $$`,
  'REVOKE ALL ON FUNCTION answer_idempotency_keys FROM PUBLIC',
  'GRANT EXECUTE ON FUNCTION answer_idempotency_keys TO billing_app',
];

/** Keeps the answers to idempotency keys that come together. */
export class AnsweredKeys1795402400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION answer_idempotency_keys');
  }
}
