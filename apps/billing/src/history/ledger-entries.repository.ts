import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import type { HistoryEntry, HistoryLeg } from './history-entry.schema.js';
import type { AccountTotals, HistoryFilter } from './history-filter.js';

interface EntryRow {
  user_id: string;
  account_id: string;
  seq: string;
  transaction_id: string;
  kind: string;
  currency: string;
  delta: string;
  balance_after: string;
  hash: string;
  previous_hash: string;
  created_at: Date;
  legs: HistoryLeg[];
  meta: Record<string, string>;
}

/** An entry `e` of account `a` in the form of the history; `t` is its transaction and `p` the entry before it. */
const COLUMNS = `
  SELECT e.user_id, e.account_id, e.seq, e.transaction_id, t.kind, a.currency, e.delta, e.balance_after,
         encode(e.hash, 'hex') AS hash,
         encode(coalesce(p.hash, sha256(convert_to(e.account_id::text, 'UTF8'))), 'hex') AS previous_hash,
         e.created_at, t.meta,
         (SELECT jsonb_agg(jsonb_build_object('leg', f.code,
                   'debit', coalesce('account:' || f.debit_account, 'system:' || f.debit_system),
                   'credit', coalesce('account:' || f.credit_account, 'system:' || f.credit_system),
                   'currency', f.currency, 'amountMinor', f.amount::text) ORDER BY f.leg)
            FROM ledger_transfers f WHERE f.user_id = e.user_id AND f.transaction_id = e.transaction_id) AS legs`;

@Injectable()
export class LedgerEntriesRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** The user's newest entries, in the order of the history. */
  async newest(filter: HistoryFilter, limit: number): Promise<HistoryEntry[]> {
    const rows = await this.unitOfWork.manager.query<EntryRow[]>(
      `${COLUMNS}
         FROM ledger_entries e
         JOIN ledger_transactions t ON t.user_id = e.user_id AND t.id = e.transaction_id
         JOIN accounts a ON a.user_id = e.user_id AND a.id = e.account_id
         LEFT JOIN ledger_entries p ON p.user_id = e.user_id AND p.account_id = e.account_id AND p.seq = e.seq - 1
        WHERE e.user_id = $1 AND ($2::uuid IS NULL OR e.account_id = $2) AND ($3::text IS NULL OR a.currency = $3)
          AND ($4::text IS NULL OR t.kind = $4)
          AND ($5::timestamptz IS NULL OR e.created_at >= $5) AND ($6::timestamptz IS NULL OR e.created_at < $6)
          AND ($8::bigint IS NULL OR e.delta >= $8) AND ($9::bigint IS NULL OR e.delta <= $9)
        ORDER BY date_trunc('milliseconds', e.created_at) DESC, e.account_id DESC, e.seq DESC LIMIT $7`,
      [
        filter.userId,
        filter.accountId ?? null,
        filter.currency ?? null,
        filter.kind ?? null,
        filter.from ?? null,
        filter.to ?? null,
        limit,
        filter.leastMinor?.toString() ?? null,
        filter.mostMinor?.toString() ?? null,
      ],
    );
    return rows.map(toEntry);
  }

  /** The next accounts in order of their ids, with what the ledger holds of them. */
  async accounts(after: string, limit: number, userId?: string): Promise<AccountTotals[]> {
    const rows = await this.unitOfWork.manager.query<
      { account_id: string; count: string; last_seq: string; sum: string; last_hash: string }[]
    >(
      `SELECT b.id AS account_id, e.count, e.last_seq, e.sum, encode(last.hash, 'hex') AS last_hash
         FROM (SELECT id, user_id FROM accounts WHERE id > $1 AND ($3::uuid IS NULL OR user_id = $3) ORDER BY id LIMIT $2) b
         JOIN LATERAL (SELECT count(*), coalesce(max(seq), 0) AS last_seq, coalesce(sum(delta), 0) AS sum
                         FROM ledger_entries WHERE user_id = b.user_id AND account_id = b.id) e ON true
         LEFT JOIN ledger_entries last ON last.user_id = b.user_id AND last.account_id = b.id AND last.seq = e.last_seq
        ORDER BY b.id`,
      [after, limit, userId ?? null],
    );
    return rows.map((row) => ({
      accountId: row.account_id,
      count: Number(row.count),
      lastSeq: Number(row.last_seq),
      sumMinor: BigInt(row.sum),
      lastHash: row.last_hash ?? '',
    }));
  }

  /**
   * The next entries of an account. They are chosen first and each is looked up by itself, which no estimate may change: joined as a
   * whole, every page of a long account would cost as much as all that is left of it.
   */
  async ofAccount(accountId: string, afterSeq: number, limit: number): Promise<HistoryEntry[]> {
    const rows = await this.unitOfWork.manager.query<EntryRow[]>(
      `${COLUMNS}
         FROM (SELECT * FROM ledger_entries
                WHERE user_id = (SELECT user_id FROM accounts WHERE id = $1) AND account_id = $1 AND seq > $2
                ORDER BY seq LIMIT $3) e
         JOIN accounts a ON a.id = e.account_id
         JOIN LATERAL (SELECT kind, meta FROM ledger_transactions WHERE user_id = e.user_id AND id = e.transaction_id LIMIT 1) t
           ON true
         LEFT JOIN LATERAL (SELECT hash FROM ledger_entries
                             WHERE user_id = e.user_id AND account_id = e.account_id AND seq = e.seq - 1 LIMIT 1) p ON true
        ORDER BY e.seq`,
      [accountId, afterSeq, limit],
    );
    return rows.map(toEntry);
  }
}

function toEntry(row: EntryRow): HistoryEntry {
  return {
    _id: `${row.account_id}:${row.seq}`,
    userId: row.user_id,
    accountId: row.account_id,
    seq: Number(row.seq),
    transactionId: row.transaction_id,
    kind: row.kind,
    currency: row.currency,
    deltaMinor: BigInt(row.delta),
    balanceAfterMinor: BigInt(row.balance_after),
    hash: row.hash,
    previousHash: row.previous_hash,
    recordedAt: row.created_at,
    legs: row.legs,
    meta: row.meta,
  };
}
