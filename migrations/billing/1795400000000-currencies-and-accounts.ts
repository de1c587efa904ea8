import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  `CREATE TABLE currencies (
    code text CONSTRAINT pk_currencies PRIMARY KEY CONSTRAINT ck_currencies_code CHECK (code ~ '^[A-Z]{3}$'),
    exponent smallint NOT NULL CONSTRAINT ck_currencies_exponent CHECK (exponent BETWEEN 0 AND 4),
    kind text NOT NULL CONSTRAINT ck_currencies_kind CHECK (kind IN ('fiat', 'point')),
    min_minor bigint NOT NULL CONSTRAINT ck_currencies_min CHECK (min_minor > 0),
    max_minor bigint NOT NULL CONSTRAINT ck_currencies_max CHECK (max_minor BETWEEN min_minor AND 9007199254740991),
    enabled boolean NOT NULL DEFAULT true
  )`,
  `INSERT INTO currencies (code, exponent, kind, min_minor, max_minor) VALUES
    ('RUB', 2, 'fiat', 1, 999999999999), ('USD', 2, 'fiat', 1, 999999999999), ('CNY', 2, 'fiat', 1, 999999999999),
    ('EUR', 2, 'fiat', 1, 999999999999), ('PNT', 2, 'point', 1, 9999999999999)`,

  `CREATE TABLE accounts (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    currency text NOT NULL CONSTRAINT fk_accounts_currency REFERENCES currencies (code),
    kind text NOT NULL CONSTRAINT ck_accounts_kind CHECK (kind IN ('wallet', 'debt')),
    opened_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_accounts PRIMARY KEY (user_id, id),
    CONSTRAINT uq_accounts_id UNIQUE (id),
    CONSTRAINT uq_accounts_currency_kind UNIQUE (user_id, currency, kind)
  )`,
  // Apart from accounts, so that the row each posting rewrites stays narrow; fillfactor leaves room for updates in place.
  `CREATE TABLE account_balances (
    user_id uuid NOT NULL,
    account_id uuid NOT NULL,
    currency text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL DEFAULT 'open' CONSTRAINT ck_account_balances_status CHECK (status IN ('open', 'frozen', 'closed')),
    balance bigint NOT NULL DEFAULT 0,
    held bigint NOT NULL DEFAULT 0,
    seq bigint NOT NULL DEFAULT 0,
    head_hash bytea NOT NULL,
    CONSTRAINT pk_account_balances PRIMARY KEY (user_id, account_id),
    CONSTRAINT fk_account_balances_account FOREIGN KEY (user_id, account_id) REFERENCES accounts (user_id, id),
    CONSTRAINT ck_account_balances_sign CHECK (
      (kind = 'wallet' AND held >= 0 AND balance >= held) OR (kind = 'debt' AND held = 0 AND balance <= 0)),
    CONSTRAINT ck_account_balances_closed CHECK (status <> 'closed' OR (balance = 0 AND held = 0))
  ) WITH (fillfactor = 70)`,

  // A chain starts at its own account, so that one account's history cannot be passed off as another's.
  `CREATE FUNCTION open_account(p_user uuid, p_id uuid, p_currency text, p_kind text) RETURNS uuid
   LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
   DECLARE
     account uuid;
   BEGIN
     SELECT id INTO account FROM accounts WHERE user_id = p_user AND currency = p_currency AND kind = p_kind;
     IF NOT FOUND THEN
       INSERT INTO accounts (user_id, id, currency, kind) VALUES (p_user, p_id, p_currency, p_kind)
         ON CONFLICT ON CONSTRAINT uq_accounts_currency_kind DO NOTHING RETURNING id INTO account;
       IF FOUND THEN
         INSERT INTO account_balances (user_id, account_id, currency, kind, head_hash)
           VALUES (p_user, p_id, p_currency, p_kind, sha256(convert_to(p_id::text, 'UTF8')));
         RETURN account;
       END IF;
       SELECT id INTO STRICT account FROM accounts WHERE user_id = p_user AND currency = p_currency AND kind = p_kind;
     END IF;
     UPDATE account_balances SET status = 'open' WHERE user_id = p_user AND account_id = account AND status = 'closed';
     RETURN account;
   END $$`,
  `CREATE FUNCTION close_account(p_user uuid, p_id uuid) RETURNS boolean
   LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
   BEGIN
     UPDATE account_balances SET status = 'closed'
      WHERE user_id = p_user AND account_id = p_id AND balance = 0 AND held = 0 AND status <> 'frozen';
     RETURN FOUND;
   END $$`,
  `CREATE FUNCTION freeze_account(p_user uuid, p_id uuid, p_frozen boolean) RETURNS boolean
   LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
   BEGIN
     UPDATE account_balances SET status = CASE WHEN p_frozen THEN 'frozen' ELSE 'open' END
      WHERE user_id = p_user AND account_id = p_id AND status <> 'closed';
     RETURN FOUND;
   END $$`,
  // SELECT FOR UPDATE needs the right to update, which the service does not have.
  `CREATE FUNCTION lock_account_balances(p_user uuid) RETURNS SETOF account_balances
   LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
     SELECT * FROM account_balances WHERE user_id = p_user ORDER BY account_id FOR UPDATE
   $$`,
  `REVOKE ALL ON FUNCTION open_account, close_account, freeze_account, lock_account_balances FROM PUBLIC`,
  `GRANT EXECUTE ON FUNCTION open_account, close_account, freeze_account, lock_account_balances TO billing_app`,
  'GRANT SELECT ON currencies, accounts, account_balances TO billing_app',
];

const DOWN = [
  'DROP FUNCTION lock_account_balances, freeze_account, close_account, open_account',
  'DROP TABLE account_balances',
  'DROP TABLE accounts',
  'DROP TABLE currencies',
];

/** Currencies and the users' accounts. The service reads the tables and changes them through functions only. */
export class CurrenciesAndAccounts1795400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
