import type { MigrationInterface, QueryRunner } from 'typeorm';
import { FUNCTIONS as BEFORE } from './1795400000001-ledger.js';
import { LOCK_FREE_WALLETS as LOCK_FREE_WALLETS_BEFORE } from './1795401500000-lock-free-wallets.js';

/** The function as this version made it. */
export const POST_TRANSACTIONS = `CREATE OR REPLACE FUNCTION post_transactions(p_postings jsonb) RETURNS jsonb
   LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
   DECLARE
     balances account_balances[];
     accounts uuid[];
     posting record;
     v_at timestamptz;
     untouched account_balances[];
     kept int;
     held_back holds;
     move ledger_move;
     place int;
     current account_balances;
     new_hash bytea;
     refusal jsonb;
     shortage bigint;
     short_of text;
     entries jsonb;
     new_entries ledger_entries[] := '{}';
     accepted int[] := '{}';
     times timestamptz[] := '{}';
     results jsonb := '[]';
     written int;
   BEGIN
     SELECT coalesce(array_agg(b), '{}'), array_agg(b.account_id) INTO balances, accounts
       FROM (SELECT DISTINCT (p ->> 'userId')::uuid AS user_id, id::uuid AS account_id
               FROM jsonb_array_elements(p_postings) p, jsonb_array_elements(p -> 'legs') l,
                    LATERAL (VALUES (l ->> 'debitAccount'), (l ->> 'creditAccount')) ids (id)
              WHERE id IS NOT NULL ORDER BY 1, 2) wanted
      CROSS JOIN LATERAL (SELECT * FROM account_balances a
                           WHERE a.user_id = wanted.user_id AND a.account_id = wanted.account_id FOR UPDATE) b;

     -- After the locks: a twin with the same key that was faster is visible now.
     FOR posting IN
       SELECT p.*, earlier.id AS earlier_id, earlier.request_hash AS earlier_hash, earlier.created_at AS earlier_at,
              (SELECT l ->> 'currency' FROM jsonb_array_elements(p.legs) l
                WHERE NOT (l ? 'debitAccount' OR l ? 'creditAccount')
                  AND NOT EXISTS (SELECT 1 FROM currencies c WHERE c.code = l ->> 'currency') LIMIT 1) AS unknown_currency,
              ARRAY(SELECT ROW(array_position(accounts, account::uuid), leg - 1, sign * (l ->> 'amount')::bigint,
                               l ->> 'currency')::ledger_move
                      FROM jsonb_array_elements(p.legs) WITH ORDINALITY AS given (l, leg),
                           LATERAL (VALUES (-1, l ->> 'debitAccount'), (1, l ->> 'creditAccount')) sides (sign, account)
                     WHERE account IS NOT NULL ORDER BY leg, sign) AS moves
         FROM (SELECT no::int, (value ->> 'userId')::uuid AS user_id, (value ->> 'transactionId')::uuid AS id,
                      value ->> 'key' AS key, decode(value ->> 'hash', 'hex') AS hash,
                      coalesce((value ->> 'evenFrozen')::boolean, false) AS even_frozen,
                      coalesce(value -> 'postsHolds', '[]') AS holds, value -> 'legs' AS legs
                 FROM jsonb_array_elements(p_postings) WITH ORDINALITY AS given (value, no)) p
         LEFT JOIN LATERAL (SELECT t.id, t.request_hash, t.created_at FROM ledger_transactions t
                             WHERE t.user_id = p.user_id AND t.idempotency_key = p.key LIMIT 1) earlier ON true
        ORDER BY p.no
     LOOP
       IF posting.earlier_id IS NOT NULL THEN
         results := results || CASE WHEN posting.earlier_hash = posting.hash
           THEN ledger_answer('replayed', posting.user_id, posting.earlier_id, posting.earlier_at)
           ELSE jsonb_build_object('status', 'key_reused') END;
         CONTINUE;
       ELSIF posting.unknown_currency IS NOT NULL THEN
         RAISE EXCEPTION 'unknown currency %', posting.unknown_currency USING ERRCODE = 'foreign_key_violation';
       END IF;
       v_at := clock_timestamp();
       untouched := balances;
       kept := cardinality(new_entries);
       refusal := NULL;
       shortage := 0;
       entries := '[]';

       IF jsonb_array_length(posting.holds) > 0 THEN
         FOR held_back IN
           SELECT h.* FROM holds h JOIN jsonb_array_elements_text(posting.holds) wanted_hold ON h.id = wanted_hold::uuid
            WHERE h.user_id = posting.user_id ORDER BY h.id FOR UPDATE OF h
         LOOP
           place := array_position(accounts, held_back.account_id);
           IF held_back.status <> 'pending' OR place IS NULL THEN
             RAISE EXCEPTION 'hold % cannot be posted', held_back.id USING ERRCODE = 'restrict_violation';
           END IF;
           current := balances[place];
           current.held := current.held - held_back.amount;
           balances[place] := current;
         END LOOP;
       END IF;

       FOREACH move IN ARRAY posting.moves LOOP
         current := balances[move.place];
         IF current.user_id IS DISTINCT FROM posting.user_id THEN
           refusal := jsonb_build_object('status', 'account_unknown');
           EXIT;
         ELSIF current.status = 'closed' THEN
           refusal := jsonb_build_object('status', 'account_closed');
           EXIT;
         ELSIF current.status = 'frozen' AND move.delta < 0 AND NOT posting.even_frozen THEN
           refusal := jsonb_build_object('status', 'account_frozen');
           EXIT;
         ELSIF current.currency <> move.currency THEN
           RAISE EXCEPTION 'account % is not in %', current.account_id, move.currency USING ERRCODE = 'foreign_key_violation';
         ELSIF current.kind = 'wallet' AND current.balance + move.delta < current.held AND move.delta < 0
               AND current.held - current.balance - move.delta > shortage THEN
           -- Gone through to the end, to tell what the whole posting lacks.
           shortage := current.held - current.balance - move.delta;
           short_of := current.currency;
         END IF;
         new_hash := ledger_entry_hash(current.head_hash, current.account_id, current.seq + 1, posting.id, move.leg, move.delta,
           current.balance + move.delta, v_at);
         entries := entries || jsonb_build_object('accountId', current.account_id, 'currency', current.currency,
           'seq', current.seq + 1, 'leg', move.leg, 'delta', move.delta::text,
           'balanceAfter', (current.balance + move.delta)::text, 'hash', encode(new_hash, 'hex'),
           'previousHash', encode(current.head_hash, 'hex'));
         current.balance := current.balance + move.delta;
         current.seq := current.seq + 1;
         current.head_hash := new_hash;
         balances[move.place] := current;
         new_entries := new_entries || ROW(posting.user_id, current.account_id, current.seq, posting.id, move.leg, move.delta,
           current.balance, new_hash, v_at)::ledger_entries;
       END LOOP;

       IF refusal IS NULL AND shortage > 0 THEN
         refusal := jsonb_build_object('status', 'insufficient_funds', 'currency', short_of, 'missing', shortage::text,
           'exponent', (SELECT exponent FROM currencies WHERE code = short_of));
       END IF;
       IF refusal IS NOT NULL THEN
         balances := untouched;
         new_entries := new_entries[:kept];
         results := results || refusal;
       ELSE
         accepted := accepted || posting.no;
         times := times || v_at;
         results := results || jsonb_build_object('status', 'posted', 'transactionId', posting.id, 'recordedAt', v_at,
           'entries', entries);
       END IF;
     END LOOP;

     INSERT INTO ledger_transactions (user_id, id, kind, idempotency_key, request_hash, reverses, source_type, source_id, actor,
         reason, effective_at, created_at, meta)
       SELECT (p ->> 'userId')::uuid, (p ->> 'transactionId')::uuid, p ->> 'kind', p ->> 'key', decode(p ->> 'hash', 'hex'),
              (p ->> 'reverses')::uuid, p ->> 'sourceType', p ->> 'sourceId', p ->> 'actor', p ->> 'reason',
              coalesce((p ->> 'effectiveAt')::timestamptz, at), at, coalesce(p -> 'meta', '{}')
         FROM unnest(accepted, times) AS taken (no, at), LATERAL (SELECT p_postings -> no - 1 AS p) given
       ON CONFLICT ON CONSTRAINT uq_ledger_transactions_key DO NOTHING;
     GET DIAGNOSTICS written = ROW_COUNT;
     IF written < cardinality(accepted) THEN
       IF (SELECT count(*) > count(DISTINCT (p -> 'userId', p -> 'key')) FROM jsonb_array_elements(p_postings) p) THEN
         RAISE EXCEPTION 'two postings of one call have the same key' USING ERRCODE = 'unique_violation';
       END IF;
       -- A twin that touches other accounts was faster: tried again, it is seen and answered for above.
       RAISE EXCEPTION 'posting key in use' USING ERRCODE = 'serialization_failure';
     END IF;
     INSERT INTO ledger_transfers (user_id, transaction_id, leg, code, debit_account, debit_system, credit_account, credit_system,
         currency, amount, created_at)
       SELECT (p ->> 'userId')::uuid, (p ->> 'transactionId')::uuid, leg - 1, l ->> 'code', (l ->> 'debitAccount')::uuid,
              l ->> 'debitSystem', (l ->> 'creditAccount')::uuid, l ->> 'creditSystem', l ->> 'currency', (l ->> 'amount')::bigint, at
         FROM unnest(accepted, times) AS taken (no, at), LATERAL (SELECT p_postings -> no - 1 AS p) given,
              LATERAL jsonb_array_elements(p -> 'legs') WITH ORDINALITY AS legs (l, leg);
     INSERT INTO ledger_entries SELECT * FROM unnest(new_entries);
     UPDATE account_balances b SET balance = a.balance, held = a.held, seq = a.seq, head_hash = a.head_hash
       FROM unnest(balances) a WHERE b.user_id = a.user_id AND b.account_id = a.account_id;
     IF jsonb_path_exists(p_postings, '$[*].postsHolds[*]') THEN
       UPDATE holds h SET status = 'posted', posted_transaction = (p ->> 'transactionId')::uuid, decided_at = at
         FROM unnest(accepted, times) AS taken (no, at), LATERAL (SELECT p_postings -> no - 1 AS p) given,
              LATERAL jsonb_array_elements_text(p -> 'postsHolds') wanted_hold
        WHERE h.user_id = (p ->> 'userId')::uuid AND h.id = wanted_hold::uuid;
     END IF;
     RETURN results;
   END $$`;

const UP = [
  // Converting to text is only stable: called immutable, it could not be inlined and cost as much as the rest of an entry.
  'ALTER FUNCTION ledger_entry_hash STABLE',

  // Where an account stands among those that are locked, and what a leg does to it.
  'CREATE TYPE ledger_move AS (place int, leg int, delta bigint, currency text)',

  // All postings are worked out in memory, one after another on the balances as the ones before left them; the writes come when nothing
  // can be refused any more, each table's in one statement. So a refusal leaves no trace, and a posting in company costs half of one alone.
  // The locks are taken in one order: two callers with several postings each cannot deadlock.
  // Generic plans: they are the right ones for one posting and for fifty, and planning anew would cost more than the work.
  POST_TRANSACTIONS,
  'DROP FUNCTION post_transaction',

  // As it was, but planned once and not at every call.
  `CREATE OR REPLACE FUNCTION lock_free_wallets(p_users uuid[], p_currencies text[]) RETURNS SETOF account_balances
   LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
   BEGIN
     RETURN QUERY SELECT b.* FROM account_balances b
       JOIN accounts a ON a.user_id = b.user_id AND a.id = b.account_id
       JOIN (SELECT DISTINCT w.user_id, w.currency FROM unnest(p_users, p_currencies) AS w (user_id, currency)) wanted
         ON a.user_id = wanted.user_id AND a.currency = wanted.currency AND a.kind = 'wallet'
      WHERE b.status = 'open' FOR UPDATE OF b SKIP LOCKED;
   END $$`,
];

/** What a definition of the ledger's first version says, to go back to it. */
function before(name: string): string {
  const statement = BEFORE.find((each) => each.includes(`CREATE FUNCTION ${name}(`));
  return statement!.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION');
}

const DOWN = [
  LOCK_FREE_WALLETS_BEFORE.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION'),
  before('post_transaction'),
  'REVOKE ALL ON FUNCTION post_transaction FROM PUBLIC',
  before('post_transactions'),
  'DROP TYPE ledger_move',
  'ALTER FUNCTION ledger_entry_hash IMMUTABLE',
];

/** Postings that come together are written together: one statement per table instead of one per posting. */
export class PostingsAsSets1795401600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
