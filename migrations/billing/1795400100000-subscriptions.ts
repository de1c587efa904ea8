import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is sold, what was bought, and what everybody may watch because of it. */
export class Subscriptions1795400100000 implements MigrationInterface {
  name = 'Subscriptions1795400100000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...PLANS, ...SUBSCRIPTIONS, ...ENTITLEMENTS]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables = ['entitlement_states', 'subscription_periods', 'subscriptions', 'plan_prices', 'plans', 'products'];
    for (const table of tables) await runner.query(`DROP TABLE ${table}`);
    await runner.query('DROP EXTENSION btree_gist');
  }
}

const PLANS = [
  `CREATE TABLE products (
    code text CONSTRAINT pk_products PRIMARY KEY,
    name text NOT NULL,
    CONSTRAINT ck_products_code CHECK (code ~ '^[a-z][a-z0-9_]{0,49}$')
  )`,
  `CREATE TABLE plans (
    id uuid CONSTRAINT pk_plans PRIMARY KEY,
    product text NOT NULL CONSTRAINT fk_plans_product REFERENCES products (code),
    name text NOT NULL,
    term_months smallint NOT NULL,
    features jsonb NOT NULL DEFAULT '{}',
    grace_days smallint NOT NULL DEFAULT 3,
    refund_policy text NOT NULL DEFAULT 'unused_months',
    active_from timestamptz NOT NULL DEFAULT now(),
    active_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ck_plans_term CHECK (term_months IN (1, 3, 6)),
    CONSTRAINT ck_plans_features CHECK (jsonb_typeof(features) = 'object'),
    CONSTRAINT ck_plans_grace CHECK (grace_days BETWEEN 0 AND 30),
    CONSTRAINT ck_plans_refund_policy CHECK (refund_policy IN ('whole', 'unused_months', 'none'))
  )`,
  'CREATE INDEX ix_plans_product ON plans (product)',
  `CREATE TABLE plan_prices (
    plan_id uuid NOT NULL CONSTRAINT fk_plan_prices_plan REFERENCES plans (id),
    currency text NOT NULL CONSTRAINT fk_plan_prices_currency REFERENCES currencies (code),
    amount_minor bigint NOT NULL,
    CONSTRAINT pk_plan_prices PRIMARY KEY (plan_id, currency),
    CONSTRAINT ck_plan_prices_amount CHECK (amount_minor BETWEEN 1 AND 9007199254740991)
  )`,
  'GRANT SELECT, INSERT ON products TO billing_app',
  'GRANT SELECT, INSERT, UPDATE ON plans TO billing_app',
  'GRANT SELECT, INSERT, UPDATE, DELETE ON plan_prices TO billing_app',
];

// Every row of one user carries user_id first in its key: the tables can be spread over several servers by user.
const SUBSCRIPTIONS = [
  // Trusted since PostgreSQL 13: the owner of the database may create it. Gives gist the equality of uuid and text.
  'CREATE EXTENSION IF NOT EXISTS btree_gist',
  `CREATE TABLE subscriptions (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    product text NOT NULL CONSTRAINT fk_subscriptions_product REFERENCES products (code),
    version integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_subscriptions PRIMARY KEY (user_id, id),
    CONSTRAINT uq_subscriptions_product UNIQUE (user_id, product)
  )`,
  `CREATE TABLE subscription_periods (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    product text NOT NULL,
    plan_id uuid NOT NULL CONSTRAINT fk_subscription_periods_plan REFERENCES plans (id),
    term_months smallint NOT NULL,
    features jsonb NOT NULL,
    period tstzrange NOT NULL,
    anchor timestamptz NOT NULL,
    anchor_months integer NOT NULL,
    paid_minor bigint NOT NULL,
    paid_currency text NOT NULL CONSTRAINT fk_subscription_periods_currency REFERENCES currencies (code),
    source text NOT NULL,
    payment_id uuid,
    transaction_id uuid,
    offer jsonb NOT NULL,
    status text NOT NULL DEFAULT 'active',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_subscription_periods PRIMARY KEY (user_id, id),
    CONSTRAINT fk_subscription_periods_subscription FOREIGN KEY (user_id, subscription_id)
      REFERENCES subscriptions (user_id, id),
    CONSTRAINT uq_subscription_periods_payment UNIQUE (user_id, payment_id),
    CONSTRAINT uq_subscription_periods_transaction UNIQUE (user_id, transaction_id),
    CONSTRAINT ck_subscription_periods_term CHECK (term_months IN (1, 3, 6)),
    CONSTRAINT ck_subscription_periods_anchor CHECK (anchor_months >= 0),
    CONSTRAINT ck_subscription_periods_source CHECK (source IN ('card', 'balance', 'renewal', 'grant')),
    CONSTRAINT ck_subscription_periods_paid CHECK (
      paid_minor >= 0 AND (paid_minor = 0) = (transaction_id IS NULL) AND (source = 'card') = (payment_id IS NOT NULL)
    ),
    CONSTRAINT ck_subscription_periods_status CHECK (status IN ('active', 'revoked')),
    CONSTRAINT ck_subscription_periods_bounds CHECK (
      isempty(period) = false AND lower_inc(period) AND NOT upper_inc(period)
      AND lower(period) IS NOT NULL AND upper(period) IS NOT NULL AND isfinite(upper(period))
    ),
    CONSTRAINT ex_subscription_periods_overlap
      EXCLUDE USING gist (user_id WITH =, product WITH =, period WITH &&) WHERE (status <> 'revoked')
  )`,
  'GRANT SELECT, INSERT, UPDATE ON subscriptions, subscription_periods TO billing_app',
];

const ENTITLEMENTS = [
  `CREATE TABLE entitlement_states (
    user_id uuid CONSTRAINT pk_entitlement_states PRIMARY KEY,
    version bigint NOT NULL DEFAULT 0,
    items jsonb NOT NULL DEFAULT '[]',
    next_change_at timestamptz,
    CONSTRAINT ck_entitlement_states_items CHECK (jsonb_typeof(items) = 'array')
  )`,
  'CREATE INDEX ix_entitlement_states_next_change ON entitlement_states (next_change_at) WHERE next_change_at IS NOT NULL',
  'GRANT SELECT, INSERT, UPDATE ON entitlement_states TO billing_app',
];
