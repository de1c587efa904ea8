import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `CREATE TABLE user_standings (
    user_id uuid CONSTRAINT pk_user_standings PRIMARY KEY,
    version bigint NOT NULL,
    blocked boolean NOT NULL,
    blocked_until timestamptz,
    deleted_at timestamptz,
    CONSTRAINT ck_user_standings_until CHECK (blocked OR blocked_until IS NULL)
  )`,
  'GRANT SELECT, INSERT, UPDATE ON user_standings TO billing_app',
  `ALTER TABLE entitlement_states
     ADD withheld text CONSTRAINT ck_entitlement_states_withheld CHECK (withheld IN ('blocked', 'deleted'))`,
];

const DOWN = ['ALTER TABLE entitlement_states DROP COLUMN withheld', 'DROP TABLE user_standings'];

/** Users auth has blocked or deleted, and access that is withheld because of it. */
export class UserStandings1795400800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
