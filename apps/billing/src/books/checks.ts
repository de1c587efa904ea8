/** A proof about the books: a query whose rows are faults. `$1` is a list of users to look at, or null for all. */
export interface Check {
  name: string;
  /** What holds when there are no rows. */
  claim: string;
  sql: string;
}

const USERS = (column: string): string => `($1::uuid[] IS NULL OR ${column} = ANY($1))`;

/** Checks that can be made user by user. */
export const USER_CHECKS: readonly Check[] = [
  {
    name: 'balances',
    claim: 'Every balance is the sum of its entries, and its sequence their number',
    sql: `SELECT b.account_id AS subject,
                 format('balance %s, entries %s; seq %s, entries %s', b.balance, coalesce(sum(e.delta), 0), b.seq, count(e.seq)) AS fault
            FROM account_balances b LEFT JOIN ledger_entries e ON e.user_id = b.user_id AND e.account_id = b.account_id
           WHERE ${USERS('b.user_id')}
           GROUP BY b.user_id, b.account_id, b.balance, b.seq
          HAVING b.balance <> coalesce(sum(e.delta), 0) OR b.seq <> count(e.seq) OR b.seq <> coalesce(max(e.seq), 0)`,
  },
  {
    name: 'chains',
    claim: 'Every entry follows the one before it: sequence, running balance and hash',
    sql: `SELECT account_id AS subject, format('entry %s breaks the chain', seq) AS fault
            FROM (SELECT e.*,
                         lag(e.seq, 1, 0::bigint) OVER chain AS seq_before,
                         lag(e.balance_after, 1, 0::bigint) OVER chain AS balance_before,
                         lag(e.hash, 1, sha256(convert_to(e.account_id::text, 'UTF8'))) OVER chain AS hash_before
                    FROM ledger_entries e WHERE ${USERS('e.user_id')}
                  WINDOW chain AS (PARTITION BY e.user_id, e.account_id ORDER BY e.seq)) entry
           WHERE seq <> seq_before + 1 OR balance_after <> balance_before + delta
              OR hash <> ledger_entry_hash(hash_before, account_id, seq, transaction_id, leg, delta, balance_after, created_at)`,
  },
  {
    name: 'heads',
    claim: "Every account's head is the hash of its last entry",
    sql: `SELECT b.account_id AS subject, 'the head is not the last hash' AS fault
            FROM account_balances b
            LEFT JOIN ledger_entries e ON e.user_id = b.user_id AND e.account_id = b.account_id AND e.seq = b.seq
           WHERE ${USERS('b.user_id')}
             AND b.head_hash IS DISTINCT FROM coalesce(e.hash, sha256(convert_to(b.account_id::text, 'UTF8')))`,
  },
  {
    name: 'entries',
    claim: 'Every side of a transfer on a user account is one entry, and there is no other entry',
    sql: `WITH sides AS (
            SELECT user_id, transaction_id, leg, debit_account AS account_id, -amount AS delta, currency FROM ledger_transfers
             WHERE debit_account IS NOT NULL AND ${USERS('user_id')}
            UNION ALL
            SELECT user_id, transaction_id, leg, credit_account, amount, currency FROM ledger_transfers
             WHERE credit_account IS NOT NULL AND ${USERS('user_id')})
          SELECT coalesce(s.transaction_id, e.transaction_id)::text AS subject,
                 format('leg %s: transfer %s, entry %s', coalesce(s.leg, e.leg), s.delta, e.delta) AS fault
            FROM sides s
            FULL JOIN (SELECT * FROM ledger_entries WHERE ${USERS('user_id')}) e
              ON e.user_id = s.user_id AND e.transaction_id = s.transaction_id AND e.leg = s.leg AND e.account_id = s.account_id
            LEFT JOIN accounts a ON a.user_id = s.user_id AND a.id = s.account_id
           WHERE s.delta IS DISTINCT FROM e.delta OR a.currency IS DISTINCT FROM s.currency`,
  },
  {
    name: 'transactions',
    claim: 'Every transaction has transfers, and every transfer a transaction and a known currency',
    sql: `SELECT coalesce(t.id, f.transaction_id)::text AS subject,
                 CASE WHEN t.id IS NULL THEN 'transfer without transaction' WHEN f.leg IS NULL THEN 'no transfers' ELSE 'unknown currency' END AS fault
            FROM (SELECT * FROM ledger_transactions WHERE ${USERS('user_id')}) t
            FULL JOIN (SELECT * FROM ledger_transfers WHERE ${USERS('user_id')}) f ON f.user_id = t.user_id AND f.transaction_id = t.id
            LEFT JOIN currencies c ON c.code = f.currency
           WHERE t.id IS NULL OR f.leg IS NULL OR c.code IS NULL`,
  },
  {
    name: 'holds',
    claim: 'What is held on an account is the sum of its undecided holds',
    sql: `SELECT b.account_id AS subject, format('held %s, holds %s', b.held, coalesce(sum(h.amount), 0)) AS fault
            FROM account_balances b
            LEFT JOIN holds h ON h.user_id = b.user_id AND h.account_id = b.account_id AND h.status = 'pending'
           WHERE ${USERS('b.user_id')}
           GROUP BY b.account_id, b.held HAVING b.held <> coalesce(sum(h.amount), 0)`,
  },
  {
    name: 'payments',
    claim:
      'Every captured payment is booked once, with its amount and currency, and nothing else is booked as captured',
    sql: `WITH captures AS (
            SELECT f.user_id, f.transaction_id, f.currency, sum(f.amount) AS amount
              FROM ledger_transfers f WHERE f.debit_system = 'psp_clearing' AND f.code = 'capture' AND ${USERS('f.user_id')}
             GROUP BY f.user_id, f.transaction_id, f.currency)
          SELECT coalesce(p.id::text, c.transaction_id::text) AS subject,
                 format('payment %s %s, booked %s %s', p.amount_minor, p.currency, c.amount, c.currency) AS fault
            FROM (SELECT * FROM payments WHERE status = 'succeeded' AND ${USERS('user_id')}) p
            FULL JOIN captures c ON c.transaction_id = p.transaction_id AND c.user_id = p.user_id
           WHERE p.amount_minor IS DISTINCT FROM c.amount OR p.currency IS DISTINCT FROM c.currency`,
  },
  {
    name: 'returns',
    claim: 'What is taken back of a payment is what its refunds and disputes took, and so says the clearing account',
    sql: `WITH moved AS (
            SELECT t.source_id, sum(CASE WHEN f.credit_system = 'psp_clearing' THEN f.amount ELSE -f.amount END) AS amount
              FROM ledger_transactions t JOIN ledger_transfers f ON f.user_id = t.user_id AND f.transaction_id = t.id
             WHERE t.source_type = 'payment' AND f.code <> 'capture'
               AND (f.credit_system = 'psp_clearing' OR f.debit_system = 'psp_clearing') AND ${USERS('t.user_id')}
             GROUP BY t.source_id)
          SELECT p.id::text AS subject, format('taken %s, refunds and disputes %s, booked %s', p.taken_minor, own.taken, moved.amount) AS fault
            FROM payments p
            LEFT JOIN moved ON moved.source_id = p.id::text
            CROSS JOIN LATERAL (
              SELECT (SELECT coalesce(sum(taken_minor), 0) FROM refunds WHERE payment_id = p.id AND returned_transaction IS NULL)
                   + (SELECT coalesce(sum(taken_minor), 0) FROM disputes WHERE payment_id = p.id AND returned_transaction IS NULL) AS taken) own
           WHERE ${USERS('p.user_id')} AND (p.taken_minor <> own.taken OR p.taken_minor <> coalesce(moved.amount, 0))`,
  },
  {
    name: 'losses',
    claim:
      'What refunds and lost disputes have cost is taken back, as far as there was anything left of their payments',
    sql: `SELECT lost.id AS subject, format('%s lost, %s taken', lost.amount_minor, lost.taken) AS fault
            FROM payments p
            CROSS JOIN LATERAL (
              SELECT id::text, amount_minor, taken_minor AS taken FROM refunds
               WHERE payment_id = p.id AND provider_id IS NOT NULL AND status <> 'failed'
              UNION ALL
              SELECT id, amount_minor, CASE WHEN returned_transaction IS NULL THEN taken_minor ELSE 0 END FROM disputes
               WHERE payment_id = p.id AND state = 'lost') lost
           WHERE p.status = 'succeeded' AND ${USERS('p.user_id')}
             AND lost.taken < lost.amount_minor AND p.taken_minor < p.amount_minor`,
  },
  {
    name: 'quotes',
    claim: 'Every used quote was converted once, by the transaction it names',
    sql: `SELECT q.id::text AS subject, 'its transaction does not convert what it promised' AS fault
            FROM quotes q
           WHERE q.status = 'used' AND ${USERS('q.user_id')}
             AND (SELECT count(*) FROM ledger_transfers f WHERE f.user_id = q.user_id AND f.transaction_id = q.transaction_id
                   AND ((f.code = 'received' AND f.currency = q.to_currency AND f.amount = q.amount_out)
                     OR (f.code = 'exchanged' AND f.currency = q.from_currency AND f.amount = q.amount_in - q.spread))) <> 2`,
  },
];

/** Checks over everything at once. */
export const WHOLE_CHECKS: readonly Check[] = [
  {
    name: 'conservation',
    claim: "Per currency, the users' balances and our own accounts add up to zero",
    sql: `SELECT currency AS subject, format('off by %s', sum(amount)) AS fault FROM (
            SELECT currency, balance AS amount FROM account_balances
            UNION ALL SELECT currency, amount FROM ledger_transfers WHERE credit_system IS NOT NULL
            UNION ALL SELECT currency, -amount FROM ledger_transfers WHERE debit_system IS NOT NULL) everything
           WHERE $1::uuid[] IS NULL GROUP BY currency HAVING sum(amount) <> 0`,
  },
];

/** A figure for the report; not a fault by itself. */
export interface Figure {
  name: string;
  sql: string;
}

export const FIGURES: readonly Figure[] = [
  {
    name: "the users' money",
    sql: `SELECT kind || ' ' || currency AS name, sum(balance) AS value FROM account_balances GROUP BY 1 ORDER BY 1`,
  },
  {
    name: 'our accounts',
    sql: `SELECT account || ' ' || currency AS name, sum(amount) AS value FROM (
            SELECT credit_system AS account, currency, amount FROM ledger_transfers WHERE credit_system IS NOT NULL
            UNION ALL SELECT debit_system, currency, -amount FROM ledger_transfers WHERE debit_system IS NOT NULL) sides
          GROUP BY 1 ORDER BY 1`,
  },
  {
    name: 'counts',
    sql: `SELECT 'postings' AS name, count(*) AS value FROM ledger_transactions
          UNION ALL SELECT 'entries', count(*) FROM ledger_entries
          UNION ALL SELECT 'quotes open', count(*) FROM quotes WHERE status = 'open' AND expires_at > now()
          UNION ALL SELECT 'payments waiting over an hour', count(*) FROM payments
                     WHERE status IN ('created', 'session_open', 'processing') AND created_at < now() - interval '1 hour'
          UNION ALL SELECT 'payments to review', count(*) FROM payments WHERE status = 'needs_review'
          UNION ALL SELECT 'disputes open', count(*) FROM disputes WHERE state = 'open'
          UNION ALL SELECT 'provider events dead', count(*) FROM provider_events WHERE status = 'dead'
          UNION ALL SELECT 'rates in quarantine', count(*) FROM rate_fetches WHERE status = 'quarantined'
          UNION ALL SELECT 'events unsent', count(*) FROM outbox WHERE sent_at IS NULL`,
  },
];
