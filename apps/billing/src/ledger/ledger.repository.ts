import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import type { Hold, Leg, SystemAccount } from './ledger.js';
import type { PostingInput } from './posting-input.js';

/** What the SQL function returns: what was posted, or why nothing was written. */
export type PostingOutput =
  | { status: 'posted' | 'replayed'; transactionId: string; recordedAt: string }
  | { status: 'insufficient_funds'; currency: string; exponent: number; missing: string }
  | { status: 'account_unknown' | 'account_closed' | 'account_frozen' | 'key_reused' };

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

interface TransferRow {
  code: string;
  debit_account: string | null;
  debit_system: SystemAccount | null;
  credit_account: string | null;
  credit_system: SystemAccount | null;
  currency: string;
  amount: string;
}

@Injectable()
export class LedgerRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Posts in the ambient transaction; what is posted is announced in the outbox. */
  async post(input: PostingInput): Promise<PostingOutput> {
    const { manager } = this.unitOfWork.requireTransaction();
    const [row] = await manager.query<{ results: [PostingOutput] }[]>('SELECT post_transactions($1) AS results', [
      JSON.stringify([input]),
    ]);
    return row!.results[0];
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

  async legs(userId: string, transactionId: string): Promise<Leg[]> {
    const rows = await this.unitOfWork.manager.query<TransferRow[]>(
      'SELECT * FROM ledger_transfers WHERE user_id = $1 AND transaction_id = $2 ORDER BY leg',
      [userId, transactionId],
    );
    return rows.map((row) => ({
      code: row.code,
      debit: row.debit_account ? `account:${row.debit_account}` : `system:${row.debit_system!}`,
      credit: row.credit_account ? `account:${row.credit_account}` : `system:${row.credit_system!}`,
      currency: row.currency,
      amountMinor: BigInt(row.amount),
    }));
  }

  async placeHold({ id, userId, accountId, amountMinor, source }: Hold): Promise<boolean> {
    const { manager } = this.unitOfWork.requireTransaction();
    const [row] = await manager.query<{ placed: boolean }[]>('SELECT place_hold($1, $2, $3, $4, $5, $6) AS placed', [
      userId,
      id,
      accountId,
      String(amountMinor),
      source.type,
      source.id,
    ]);
    return row!.placed;
  }

  async voidHold(userId: string, id: string): Promise<boolean> {
    const { manager } = this.unitOfWork.requireTransaction();
    const [row] = await manager.query<{ voided: boolean }[]>('SELECT void_hold($1, $2) AS voided', [userId, id]);
    return row!.voided;
  }

  async heldBy(userId: string, ids: string[]): Promise<bigint> {
    const [row] = await this.unitOfWork.manager.query<{ held: string }[]>(
      `SELECT coalesce(sum(amount), 0) AS held FROM holds WHERE user_id = $1 AND id = ANY($2) AND status = 'pending'`,
      [userId, ids],
    );
    return BigInt(row!.held);
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
