import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `CREATE TABLE rate_fetches (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_rate_fetches PRIMARY KEY,
    provider text NOT NULL,
    fetched_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    status text NOT NULL CONSTRAINT ck_rate_fetches_status CHECK (status IN ('accepted', 'unchanged', 'quarantined', 'rejected', 'failed')),
    rates jsonb,
    fault text,
    raw_sha256 bytea,
    raw text,
    decided_by text
  )`,
  'CREATE INDEX ix_rate_fetches_fetched_at ON rate_fetches (fetched_at DESC)',
  `CREATE INDEX ix_rate_fetches_quarantined ON rate_fetches (id) WHERE status = 'quarantined'`,

  `CREATE TABLE rate_sets (
    id uuid CONSTRAINT pk_rate_sets PRIMARY KEY,
    fetch_id bigint NOT NULL CONSTRAINT uq_rate_sets_fetch UNIQUE CONSTRAINT fk_rate_sets_fetch REFERENCES rate_fetches (id),
    provider text NOT NULL,
    published_at timestamptz NOT NULL,
    accepted_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE INDEX ix_rate_sets_accepted_at ON rate_sets (accepted_at DESC)',
  `CREATE TABLE rate_set_rates (
    rate_set_id uuid NOT NULL CONSTRAINT fk_rate_set_rates_set REFERENCES rate_sets (id),
    currency text NOT NULL CONSTRAINT fk_rate_set_rates_currency REFERENCES currencies (code),
    per_usd numeric(24, 12) NOT NULL CONSTRAINT ck_rate_set_rates_per_usd CHECK (per_usd > 0 AND per_usd < 1000000000),
    CONSTRAINT pk_rate_set_rates PRIMARY KEY (rate_set_id, currency)
  )`,
  `CREATE TABLE point_prices (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_point_prices PRIMARY KEY,
    points_per_usd numeric(24, 12) NOT NULL CONSTRAINT ck_point_prices_value CHECK (points_per_usd > 0 AND points_per_usd < 1000000),
    effective_from timestamptz NOT NULL,
    set_by text NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  'CREATE INDEX ix_point_prices_effective_from ON point_prices (effective_from DESC, id DESC)',
  `INSERT INTO point_prices (points_per_usd, effective_from, set_by, reason) VALUES (50, '2026-01-01T00:00:00Z', 'system', 'opening price')`,
  ...['rate_sets', 'rate_set_rates', 'point_prices'].map(
    (table) => `CREATE TRIGGER tr_${table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
  ),

  `CREATE TABLE quotes (
    id uuid CONSTRAINT pk_quotes PRIMARY KEY,
    user_id uuid NOT NULL,
    from_currency text NOT NULL CONSTRAINT fk_quotes_from REFERENCES currencies (code),
    to_currency text NOT NULL CONSTRAINT fk_quotes_to REFERENCES currencies (code),
    amount_in bigint NOT NULL CONSTRAINT ck_quotes_amount_in CHECK (amount_in BETWEEN 1 AND 9007199254740991),
    spread bigint NOT NULL,
    amount_out bigint NOT NULL CONSTRAINT ck_quotes_amount_out CHECK (amount_out BETWEEN 1 AND 9007199254740991),
    rate text NOT NULL,
    rate_set_id uuid NOT NULL CONSTRAINT fk_quotes_rate_set REFERENCES rate_sets (id),
    point_price_id bigint CONSTRAINT fk_quotes_point_price REFERENCES point_prices (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    status text NOT NULL DEFAULT 'open' CONSTRAINT ck_quotes_status CHECK (status IN ('open', 'reserved', 'used')),
    payment_id uuid,
    transaction_id uuid,
    CONSTRAINT ck_quotes_currencies CHECK (from_currency <> to_currency),
    CONSTRAINT ck_quotes_spread CHECK (spread >= 0 AND spread < amount_in),
    CONSTRAINT ck_quotes_used CHECK ((status = 'used') = (transaction_id IS NOT NULL)),
    CONSTRAINT ck_quotes_reserved CHECK (status <> 'reserved' OR payment_id IS NOT NULL)
  )`,
  'CREATE INDEX ix_quotes_user ON quotes (user_id, created_at DESC)',
  'CREATE INDEX ix_quotes_rate_set ON quotes (rate_set_id)',
  `GRANT SELECT, INSERT ON rate_fetches, rate_sets, rate_set_rates, point_prices, quotes TO billing_app`,
  'GRANT UPDATE (status, decided_by) ON rate_fetches TO billing_app',
  'GRANT UPDATE (status, payment_id, transaction_id) ON quotes TO billing_app',
];

const DOWN = [
  'DROP TABLE quotes',
  'DROP TABLE point_prices',
  'DROP TABLE rate_set_rates',
  'DROP TABLE rate_sets',
  'DROP TABLE rate_fetches',
];

/** Every fetch of rates, the sets accepted from them, the price of points, and the quotes that name both. */
export class RatesAndQuotes1795400000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
