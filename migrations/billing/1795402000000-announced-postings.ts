import type { MigrationInterface, QueryRunner } from 'typeorm';
import { FUNCTIONS as FIRST } from './1795400000001-ledger.js';
import { POST_TRANSACTIONS as BEFORE } from './1795401600000-postings-as-sets.js';

const UP = [
  // As it was, and what is posted is announced in the outbox by the same call. The release before this one gives no id for the message
  // and announces by itself, from the entries that are returned to it.
  `CREATE OR REPLACE FUNCTION post_transactions(p_postings jsonb) RETURNS jsonb
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
     lines jsonb;
     new_entries ledger_entries[] := '{}';
     accepted int[] := '{}';
     times timestamptz[] := '{}';
     told jsonb[] := '{}';
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
                      coalesce(value -> 'postsHolds', '[]') AS holds, value -> 'legs' AS legs, value ? 'messageId' AS announced
                 FROM jsonb_array_elements(p_postings) WITH ORDINALITY AS given (value, no)) p
         LEFT JOIN LATERAL (SELECT t.id, t.request_hash, t.created_at FROM ledger_transactions t
                             WHERE t.user_id = p.user_id AND t.idempotency_key = p.key LIMIT 1) earlier ON true
        ORDER BY p.no
     LOOP
       IF posting.earlier_id IS NOT NULL THEN
         results := results || CASE WHEN posting.earlier_hash = posting.hash
           THEN jsonb_build_object('status', 'replayed', 'transactionId', posting.earlier_id, 'recordedAt', posting.earlier_at,
                'entries', '[]'::jsonb)
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
       lines := '[]';

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
         lines := lines || jsonb_build_object('accountId', current.account_id, 'currency', current.currency,
           'seq', current.seq + 1, 'deltaMinor', move.delta::text, 'balanceAfterMinor', (current.balance + move.delta)::text,
           'hash', encode(new_hash, 'hex'), 'previousHash', encode(current.head_hash, 'hex'));
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
         told := array_append(told, lines);
         results := results || (jsonb_build_object('status', 'posted', 'transactionId', posting.id, 'recordedAt', v_at)
           || CASE WHEN posting.announced THEN '{}' ELSE jsonb_build_object('entries', (
                SELECT coalesce(jsonb_agg(line || jsonb_build_object('delta', line -> 'deltaMinor', 'balanceAfter', line -> 'balanceAfterMinor')),
                                '[]') FROM jsonb_array_elements(lines) line)) END);
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

     -- PostingRecordedV2, one for each transaction that moved a user's money.
     INSERT INTO outbox (message_id, routing_key, aggregate_id, aggregate_version, envelope, traceparent, occurred_at)
       SELECT (p ->> 'messageId')::uuid, 'billing.posting.recorded.v2', p ->> 'transactionId', 1,
              json_strip_nulls(json_build_object('id', p -> 'messageId', 'name', 'billing.posting.recorded', 'version', 2,
                'occurredAt', iso, 'producer', 'billing', 'aggregateId', p -> 'transactionId', 'aggregateVersion', 1,
                'traceparent', p -> 'traceparent', 'payload', json_build_object(
                  'transactionId', p -> 'transactionId', 'userId', p -> 'userId', 'kind', p -> 'kind', 'recordedAt', iso,
                  'legs', (SELECT json_agg(json_build_object('leg', l -> 'code',
                             'debit', coalesce('account:' || (l ->> 'debitAccount'), 'system:' || (l ->> 'debitSystem')),
                             'credit', coalesce('account:' || (l ->> 'creditAccount'), 'system:' || (l ->> 'creditSystem')),
                             'currency', l -> 'currency', 'amountMinor', l -> 'amount') ORDER BY leg)
                             FROM jsonb_array_elements(p -> 'legs') WITH ORDINALITY AS legs (l, leg)),
                  'entries', lines_of, 'meta', p -> 'meta'))),
              p ->> 'traceparent', at
         FROM unnest(accepted, times, told) AS taken (no, at, lines_of), LATERAL (SELECT p_postings -> no - 1 AS p,
              to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS iso) given
        WHERE p ? 'messageId' AND lines_of <> '[]' ORDER BY no;
     RETURN results;
   END $$`,
  'DROP FUNCTION ledger_answer',
];

const DOWN = [
  FIRST.find((each) => each.includes('CREATE FUNCTION ledger_answer('))!,
  'REVOKE ALL ON FUNCTION ledger_answer FROM PUBLIC',
  BEFORE,
];

/** A posting and its event are one act of the database. */
export class AnnouncedPostings1795402000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
