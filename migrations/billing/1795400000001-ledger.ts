import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = [
  `CREATE TABLE ledger_transactions (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL CONSTRAINT ck_ledger_transactions_kind CHECK (kind ~ '^[a-z_]{1,60}$'),
    idempotency_key text NOT NULL CONSTRAINT ck_ledger_transactions_key CHECK (length(idempotency_key) BETWEEN 1 AND 200),
    request_hash bytea NOT NULL,
    reverses uuid,
    source_type text NOT NULL,
    source_id text NOT NULL,
    actor text NOT NULL,
    reason text,
    effective_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    meta jsonb NOT NULL,
    CONSTRAINT pk_ledger_transactions PRIMARY KEY (user_id, id),
    CONSTRAINT uq_ledger_transactions_key UNIQUE (user_id, idempotency_key)
  )`,
  'CREATE INDEX ix_ledger_transactions_source ON ledger_transactions (source_type, source_id)',
  'CREATE INDEX ix_ledger_transactions_created_at ON ledger_transactions USING brin (created_at)',

  // No foreign keys to currencies or transactions: every posting would lock the same few rows. books:verify looks instead.
  `CREATE TABLE ledger_transfers (
    user_id uuid NOT NULL,
    transaction_id uuid NOT NULL,
    leg smallint NOT NULL,
    code text NOT NULL,
    debit_account uuid,
    debit_system text,
    credit_account uuid,
    credit_system text,
    currency text NOT NULL,
    amount bigint NOT NULL CONSTRAINT ck_ledger_transfers_amount CHECK (amount BETWEEN 1 AND 9007199254740991),
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_ledger_transfers PRIMARY KEY (user_id, transaction_id, leg),
    CONSTRAINT ck_ledger_transfers_debit CHECK (num_nonnulls(debit_account, debit_system) = 1),
    CONSTRAINT ck_ledger_transfers_credit CHECK (num_nonnulls(credit_account, credit_system) = 1),
    CONSTRAINT ck_ledger_transfers_sides CHECK (
      debit_account IS DISTINCT FROM credit_account OR debit_system IS DISTINCT FROM credit_system),
    CONSTRAINT ck_ledger_transfers_debit_system CHECK (debit_system IN ('psp_clearing', 'fx_position', 'fx_spread', 'rounding',
      'revenue', 'deferred_revenue', 'refunds', 'chargeback', 'psp_fees', 'adjustments')),
    CONSTRAINT ck_ledger_transfers_credit_system CHECK (credit_system IN ('psp_clearing', 'fx_position', 'fx_spread', 'rounding',
      'revenue', 'deferred_revenue', 'refunds', 'chargeback', 'psp_fees', 'adjustments'))
  )`,
  'CREATE INDEX ix_ledger_transfers_created_at ON ledger_transfers USING brin (created_at)',

  `CREATE TABLE ledger_entries (
    user_id uuid NOT NULL,
    account_id uuid NOT NULL,
    seq bigint NOT NULL,
    transaction_id uuid NOT NULL,
    leg smallint NOT NULL,
    delta bigint NOT NULL CONSTRAINT ck_ledger_entries_delta CHECK (delta <> 0),
    balance_after bigint NOT NULL,
    hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_ledger_entries PRIMARY KEY (user_id, account_id, seq)
  )`,
  'CREATE INDEX ix_ledger_entries_created_at ON ledger_entries USING brin (created_at)',
  'CREATE INDEX ix_ledger_entries_transaction ON ledger_entries (user_id, transaction_id)',

  `CREATE TABLE holds (
    user_id uuid NOT NULL,
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    amount bigint NOT NULL CONSTRAINT ck_holds_amount CHECK (amount > 0),
    status text NOT NULL DEFAULT 'pending' CONSTRAINT ck_holds_status CHECK (status IN ('pending', 'posted', 'voided')),
    source_type text NOT NULL,
    source_id text NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT now(),
    decided_at timestamptz,
    posted_transaction uuid,
    CONSTRAINT pk_holds PRIMARY KEY (user_id, id),
    CONSTRAINT fk_holds_account FOREIGN KEY (user_id, account_id) REFERENCES accounts (user_id, id),
    CONSTRAINT ck_holds_posted CHECK ((status = 'posted') = (posted_transaction IS NOT NULL)),
    CONSTRAINT ck_holds_decided CHECK ((status = 'pending') = (decided_at IS NULL))
  )`,
  'CREATE INDEX ix_holds_source ON holds (source_type, source_id)',
  `CREATE INDEX ix_holds_pending ON holds (user_id, account_id) WHERE status = 'pending'`,
];

const APPEND_ONLY = [
  `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
   END $$`,
  ...['ledger_transactions', 'ledger_transfers', 'ledger_entries'].map(
    (table) => `CREATE TRIGGER tr_${table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
  ),
];

/** The functions as this version made them. */
export const FUNCTIONS = [
  `CREATE FUNCTION ledger_entry_hash(p_previous bytea, p_account uuid, p_seq bigint, p_transaction uuid, p_leg int, p_delta bigint,
     p_balance bigint, p_at timestamptz) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
     SELECT sha256(p_previous || convert_to(p_account::text || '|' || p_seq || '|' || p_transaction || '|' || p_leg || '|' ||
       p_delta || '|' || p_balance || '|' || (extract(epoch FROM p_at) * 1000000)::bigint, 'UTF8'))
   $$`,

  // Everything is worked out in memory first; the first write comes when nothing can be refused any more, so a refusal leaves no trace.
  `CREATE FUNCTION post_transaction(p jsonb) RETURNS jsonb
   LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
   DECLARE
     v_user constant uuid := p ->> 'userId';
     v_id constant uuid := p ->> 'transactionId';
     v_even_frozen constant boolean := coalesce((p ->> 'evenFrozen')::boolean, false);
     v_at timestamptz;
     wanted uuid[];
     account uuid;
     found_balance account_balances;
     balances account_balances[] := '{}';
     earlier record;
     held_back holds;
     leg jsonb;
     side jsonb;
     leg_no int := -1;
     at_index int;
     sign int;
     delta bigint;
     current account_balances;
     new_hash bytea;
     new_entries ledger_entries[] := '{}';
     answer jsonb := '[]';
     shortage bigint := 0;
     short_of text;
   BEGIN
     SELECT array_agg(DISTINCT id ORDER BY id) INTO wanted
       FROM (SELECT (l ->> 'debitAccount')::uuid AS id FROM jsonb_array_elements(p -> 'legs') l
             UNION SELECT (l ->> 'creditAccount')::uuid FROM jsonb_array_elements(p -> 'legs') l) ids
      WHERE id IS NOT NULL;
     FOREACH account IN ARRAY coalesce(wanted, '{}') LOOP
       SELECT * INTO found_balance FROM account_balances WHERE user_id = v_user AND account_id = account FOR UPDATE;
       IF NOT FOUND THEN
         RETURN jsonb_build_object('status', 'account_unknown');
       END IF;
       balances := balances || found_balance;
     END LOOP;

     -- After the locks: a twin with the same key that was faster is visible now.
     SELECT t.id, t.request_hash, t.created_at INTO earlier
       FROM ledger_transactions t WHERE t.user_id = v_user AND t.idempotency_key = p ->> 'key';
     IF FOUND THEN
       IF earlier.request_hash <> decode(p ->> 'hash', 'hex') THEN
         RETURN jsonb_build_object('status', 'key_reused');
       END IF;
       RETURN ledger_answer('replayed', v_user, earlier.id, earlier.created_at);
     END IF;

     FOR held_back IN
       SELECT h.* FROM holds h JOIN jsonb_array_elements_text(p -> 'postsHolds') wanted_hold ON h.id = wanted_hold::uuid
        WHERE h.user_id = v_user ORDER BY h.id FOR UPDATE OF h
     LOOP
       at_index := array_position(wanted, held_back.account_id);
       IF held_back.status <> 'pending' OR at_index IS NULL THEN
         RAISE EXCEPTION 'hold % cannot be posted', held_back.id USING ERRCODE = 'restrict_violation';
       END IF;
       current := balances[at_index];
       current.held := current.held - held_back.amount;
       balances[at_index] := current;
     END LOOP;

     v_at := clock_timestamp();
     FOR leg IN SELECT l FROM jsonb_array_elements(p -> 'legs') l LOOP
       leg_no := leg_no + 1;
       IF NOT (leg ? 'debitAccount' OR leg ? 'creditAccount')
          AND NOT EXISTS (SELECT 1 FROM currencies c WHERE c.code = leg ->> 'currency') THEN
         RAISE EXCEPTION 'unknown currency %', leg ->> 'currency' USING ERRCODE = 'foreign_key_violation';
       END IF;
       FOREACH sign IN ARRAY ARRAY[-1, 1] LOOP
         account := CASE sign WHEN -1 THEN leg ->> 'debitAccount' ELSE leg ->> 'creditAccount' END;
         CONTINUE WHEN account IS NULL;
         at_index := array_position(wanted, account);
         current := balances[at_index];
         delta := sign * (leg ->> 'amount')::bigint;
         IF current.status = 'closed' THEN
           RETURN jsonb_build_object('status', 'account_closed');
         ELSIF current.status = 'frozen' AND sign < 0 AND NOT v_even_frozen THEN
           RETURN jsonb_build_object('status', 'account_frozen');
         ELSIF current.currency <> leg ->> 'currency' THEN
           RAISE EXCEPTION 'account % is not in %', account, leg ->> 'currency' USING ERRCODE = 'foreign_key_violation';
         ELSIF current.kind = 'wallet' AND current.balance + delta < current.held AND sign < 0
               AND current.held - current.balance - delta > shortage THEN
           -- Gone through to the end, to tell what the whole posting lacks.
           shortage := current.held - current.balance - delta;
           short_of := current.currency;
         END IF;
         new_hash := ledger_entry_hash(current.head_hash, account, current.seq + 1, v_id, leg_no, delta,
           current.balance + delta, v_at);
         answer := answer || jsonb_build_object('accountId', account, 'currency', current.currency, 'seq', current.seq + 1,
           'leg', leg_no, 'delta', delta::text, 'balanceAfter', (current.balance + delta)::text,
           'hash', encode(new_hash, 'hex'), 'previousHash', encode(current.head_hash, 'hex'));
         current.balance := current.balance + delta;
         current.seq := current.seq + 1;
         current.head_hash := new_hash;
         balances[at_index] := current;
         new_entries := new_entries || ROW(v_user, account, current.seq, v_id, leg_no, delta, current.balance, new_hash,
           v_at)::ledger_entries;
       END LOOP;
     END LOOP;

     IF shortage > 0 THEN
       RETURN jsonb_build_object('status', 'insufficient_funds', 'currency', short_of, 'missing', shortage::text,
         'exponent', (SELECT exponent FROM currencies WHERE code = short_of));
     END IF;

     INSERT INTO ledger_transactions (user_id, id, kind, idempotency_key, request_hash, reverses, source_type, source_id, actor,
         reason, effective_at, created_at, meta)
       VALUES (v_user, v_id, p ->> 'kind', p ->> 'key', decode(p ->> 'hash', 'hex'), (p ->> 'reverses')::uuid, p ->> 'sourceType',
         p ->> 'sourceId', p ->> 'actor', p ->> 'reason', coalesce((p ->> 'effectiveAt')::timestamptz, v_at), v_at,
         coalesce(p -> 'meta', '{}'))
       ON CONFLICT ON CONSTRAINT uq_ledger_transactions_key DO NOTHING;
     IF NOT FOUND THEN
       -- A twin that touches other accounts was faster: tried again, it is seen and answered for above.
       RAISE EXCEPTION 'posting key in use' USING ERRCODE = 'serialization_failure';
     END IF;
     INSERT INTO ledger_transfers (user_id, transaction_id, leg, code, debit_account, debit_system, credit_account, credit_system,
         currency, amount, created_at)
       SELECT v_user, v_id, no - 1, l ->> 'code', (l ->> 'debitAccount')::uuid, l ->> 'debitSystem',
              (l ->> 'creditAccount')::uuid, l ->> 'creditSystem', l ->> 'currency', (l ->> 'amount')::bigint, v_at
         FROM jsonb_array_elements(p -> 'legs') WITH ORDINALITY AS given(l, no);
     INSERT INTO ledger_entries SELECT * FROM unnest(new_entries);
     FOREACH current IN ARRAY balances LOOP
       UPDATE account_balances
          SET balance = current.balance, held = current.held, seq = current.seq, head_hash = current.head_hash
        WHERE user_id = v_user AND account_id = current.account_id;
     END LOOP;
     IF jsonb_array_length(coalesce(p -> 'postsHolds', '[]')) > 0 THEN
       UPDATE holds SET status = 'posted', posted_transaction = v_id, decided_at = v_at
        WHERE user_id = v_user AND id IN (SELECT value::uuid FROM jsonb_array_elements_text(p -> 'postsHolds'));
     END IF;
     RETURN jsonb_build_object('status', 'posted', 'transactionId', v_id, 'recordedAt', v_at, 'entries', answer);
   END $$`,

  `CREATE FUNCTION ledger_answer(p_status text, p_user uuid, p_transaction uuid, p_at timestamptz) RETURNS jsonb
   LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
     SELECT jsonb_build_object('status', p_status, 'transactionId', p_transaction, 'recordedAt', p_at, 'entries',
       coalesce(jsonb_agg(jsonb_build_object('accountId', e.account_id, 'currency', a.currency, 'seq', e.seq, 'leg', e.leg,
         'delta', e.delta::text, 'balanceAfter', e.balance_after::text, 'hash', encode(e.hash, 'hex'),
         'previousHash', encode(coalesce(before.hash, sha256(convert_to(e.account_id::text, 'UTF8'))), 'hex'))
         ORDER BY e.leg, e.delta), '[]'))
       FROM ledger_entries e
       JOIN accounts a ON a.user_id = e.user_id AND a.id = e.account_id
       LEFT JOIN ledger_entries before
         ON before.user_id = e.user_id AND before.account_id = e.account_id AND before.seq = e.seq - 1
      WHERE e.user_id = p_user AND e.transaction_id = p_transaction
   $$`,

  // Takes the locks of all postings in one order before the first is posted: two callers with several postings each cannot deadlock.
  `CREATE FUNCTION post_transactions(p_postings jsonb) RETURNS jsonb
   LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
   DECLARE
     posting jsonb;
     wanted record;
     results jsonb := '[]';
   BEGIN
     IF jsonb_array_length(p_postings) > 1 THEN
       FOR wanted IN
         SELECT DISTINCT (posted ->> 'userId')::uuid AS user_id, ids.id::uuid AS account_id
           FROM jsonb_array_elements(p_postings) posted, jsonb_array_elements(posted -> 'legs') l,
                LATERAL (VALUES (l ->> 'debitAccount'), (l ->> 'creditAccount')) ids (id)
          WHERE ids.id IS NOT NULL ORDER BY 1, 2
       LOOP
         PERFORM 1 FROM account_balances b
           WHERE b.user_id = wanted.user_id AND b.account_id = wanted.account_id FOR UPDATE;
       END LOOP;
     END IF;
     FOR posting IN SELECT value FROM jsonb_array_elements(p_postings) LOOP
       results := results || jsonb_build_array(post_transaction(posting));
     END LOOP;
     RETURN results;
   END $$`,

  // False when the wallet does not have that much to spare.
  `CREATE FUNCTION place_hold(p_user uuid, p_id uuid, p_account uuid, p_amount bigint, p_source_type text, p_source_id text)
   RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
   BEGIN
     UPDATE account_balances SET held = held + p_amount
      WHERE user_id = p_user AND account_id = p_account AND kind = 'wallet' AND balance - held >= p_amount;
     IF NOT FOUND THEN
       RETURN false;
     END IF;
     INSERT INTO holds (user_id, id, account_id, amount, source_type, source_id)
       VALUES (p_user, p_id, p_account, p_amount, p_source_type, p_source_id);
     RETURN true;
   END $$`,
  // Lock order as everywhere: the balance first, then its holds.
  `CREATE FUNCTION void_hold(p_user uuid, p_id uuid) RETURNS boolean
   LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
   DECLARE
     released holds;
   BEGIN
     PERFORM 1 FROM account_balances b JOIN holds h ON h.user_id = b.user_id AND h.account_id = b.account_id
       WHERE h.user_id = p_user AND h.id = p_id FOR UPDATE OF b;
     UPDATE holds SET status = 'voided', decided_at = clock_timestamp()
      WHERE user_id = p_user AND id = p_id AND status = 'pending' RETURNING * INTO released;
     IF NOT FOUND THEN
       RETURN false;
     END IF;
     UPDATE account_balances SET held = held - released.amount
      WHERE user_id = p_user AND account_id = released.account_id;
     RETURN true;
   END $$`,
];

const RIGHTS = [
  'REVOKE ALL ON FUNCTION post_transaction, post_transactions, ledger_answer, place_hold, void_hold FROM PUBLIC',
  'GRANT EXECUTE ON FUNCTION post_transactions, place_hold, void_hold TO billing_app',
  'GRANT SELECT ON ledger_transactions, ledger_transfers, ledger_entries, holds TO billing_app',
];

const DOWN = [
  'DROP FUNCTION void_hold, place_hold, post_transactions, ledger_answer, post_transaction, ledger_entry_hash',
  'DROP TABLE holds',
  'DROP TABLE ledger_entries',
  'DROP TABLE ledger_transfers',
  'DROP TABLE ledger_transactions',
  'DROP FUNCTION refuse_change',
];

/** The books: append-only tables and the one function that writes them. The service itself may only read and call. */
export class Ledger1795400000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...TABLES, ...APPEND_ONLY, ...FUNCTIONS, ...RIGHTS]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
