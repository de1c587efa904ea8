import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `ALTER TABLE subscriptions
     ADD paid_until timestamptz,
     ADD grace_until timestamptz,
     ADD told_days smallint CONSTRAINT ck_subscriptions_told_days CHECK (told_days IN (0, 1, 3, 7)),
     ADD renewal_offer jsonb,
     ADD renewal_consented_at timestamptz,
     ADD renewal_try_at timestamptz,
     ADD renewal_failure text CONSTRAINT ck_subscriptions_renewal_failure CHECK (
       renewal_failure IN ('insufficient_funds', 'price_raised', 'plan_ended', 'account_unusable')),
     ADD renewal_failure_told_at timestamptz,
     ADD next_step_at timestamptz,
     ADD CONSTRAINT ck_subscriptions_renewal CHECK (
       (renewal_offer IS NULL) = (renewal_consented_at IS NULL)
       AND (renewal_offer IS NOT NULL OR num_nonnulls(renewal_try_at, renewal_failure, renewal_failure_told_at) = 0))`,
  // What a run over all subscriptions finds its work by; PostgreSQL alone knows what is due, queues only wake it.
  'CREATE INDEX ix_subscriptions_next_step ON subscriptions (next_step_at) WHERE next_step_at IS NOT NULL',
  `CREATE INDEX ix_subscriptions_waiting_for_money ON subscriptions (user_id) WHERE renewal_failure = 'insufficient_funds'`,
  'CREATE INDEX ix_subscription_periods_subscription ON subscription_periods (user_id, subscription_id, upper(period))',

  `CREATE TABLE subscription_consents (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    given boolean NOT NULL,
    offer jsonb NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT pk_subscription_consents PRIMARY KEY (user_id, id),
    CONSTRAINT fk_subscription_consents_subscription FOREIGN KEY (user_id, subscription_id)
      REFERENCES subscriptions (user_id, id)
  )`,
  'CREATE INDEX ix_subscription_consents_subscription ON subscription_consents (user_id, subscription_id)',
  `CREATE TRIGGER tr_subscription_consents_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON subscription_consents
     FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
  'GRANT SELECT, INSERT ON subscription_consents TO billing_app',
];

const DOWN = [
  'DROP TABLE subscription_consents',
  'DROP INDEX ix_subscription_periods_subscription',
  `ALTER TABLE subscriptions
     DROP paid_until, DROP grace_until, DROP told_days, DROP renewal_offer, DROP renewal_consented_at, DROP renewal_try_at,
     DROP renewal_failure, DROP renewal_failure_told_at, DROP next_step_at`,
];

/** Automatic renewal, the consent to it, grace, and what each subscription has to do next. */
export class SubscriptionRenewals1795400200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
