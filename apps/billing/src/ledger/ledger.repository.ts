import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';

/** What the SQL function takes. */
export interface PostingInput {
  userId: string;
  transactionId: string;
  kind: string;
  key: string;
  hash: string;
  sourceType: string;
  sourceId: string;
  actor: string;
  reason: string | null;
  effectiveAt: string | null;
  reverses: string | null;
  meta: Record<string, string>;
  postsHolds: string[];
  evenFrozen: boolean;
  legs: LegInput[];
}

interface LegInput {
  code: string;
  debitAccount?: string;
  debitSystem?: string;
  creditAccount?: string;
  creditSystem?: string;
  currency: string;
  amount: string;
}

/** What it returns: what was posted, or why nothing was written. */
export type PostingOutput =
  | { status: 'posted' | 'replayed'; transactionId: string; recordedAt: string; entries: EntryOutput[] }
  | { status: 'insufficient_funds'; currency: string; exponent: number; missing: string }
  | { status: 'account_unknown' | 'account_closed' | 'account_frozen' | 'key_reused' };

interface EntryOutput {
  accountId: string;
  currency: string;
  seq: number;
  leg: number;
  delta: string;
  balanceAfter: string;
  hash: string;
  previousHash: string;
}

/** A user's account with what is in it, as the database holds it now. */
export interface Balance {
  accountId: string;
  currency: string;
  kind: 'wallet' | 'debt';
  status: 'open' | 'frozen' | 'closed';
  balanceMinor: bigint;
  heldMinor: bigint;
  seq: number;
}

interface BalanceRow {
  account_id: string;
  currency: string;
  kind: 'wallet' | 'debt';
  status: 'open' | 'frozen' | 'closed';
  balance: string;
  held: string;
  seq: string;
}

@Injectable()
export class LedgerRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Posts each input on its own merits, in one call, in the ambient transaction. */
  async post(inputs: PostingInput[]): Promise<PostingOutput[]> {
    const { manager } = this.unitOfWork.requireTransaction();
    const [row] = await manager.query<{ results: PostingOutput[] }[]>('SELECT post_transactions($1) AS results', [
      JSON.stringify(inputs),
    ]);
    return row!.results;
  }

  /** Locks all of the user's accounts until the ambient transaction ends and returns them. */
  async lockBalances(userId: string): Promise<Balance[]> {
    const { manager } = this.unitOfWork.requireTransaction();
    const rows = await manager.query<BalanceRow[]>('SELECT * FROM lock_account_balances($1)', [userId]);
    return rows.map(toBalance);
  }

  async balances(userId: string): Promise<Balance[]> {
    const rows = await this.unitOfWork.manager.query<BalanceRow[]>(
      'SELECT * FROM account_balances WHERE user_id = $1 ORDER BY account_id',
      [userId],
    );
    return rows.map(toBalance);
  }
}

function toBalance(row: BalanceRow): Balance {
  return {
    accountId: row.account_id,
    currency: row.currency,
    kind: row.kind,
    status: row.status,
    balanceMinor: BigInt(row.balance),
    heldMinor: BigInt(row.held),
    seq: Number(row.seq),
  };
}
