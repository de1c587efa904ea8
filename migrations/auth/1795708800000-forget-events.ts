import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds what was told of a user who has left, under the user's id or a sign-up with the same address. */
export class AuthForgetEvents1795708800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX ix_outbox_sent_aggregate ON outbox (aggregate_id) WHERE sent_at IS NOT NULL');
    // A sign-up that came to nothing told its address under an id that no user has.
    await runner.query(
      `CREATE INDEX ix_outbox_sent_verifications ON outbox ((envelope #>> '{payload,email}'))
        WHERE sent_at IS NOT NULL AND routing_key = 'auth.user.verification_requested.v1'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX ix_outbox_sent_verifications');
    await runner.query('DROP INDEX ix_outbox_sent_aggregate');
  }
}
