import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import type { Account } from './account.js';

interface AccountRow {
  id: string;
  user_id: string;
  currency: string;
  kind: 'wallet' | 'debt';
  status: 'open' | 'frozen' | 'closed';
  balance: string;
  held: string;
  opened_at: Date;
}

const SELECT = `
  SELECT a.id, a.user_id, a.currency, a.kind, b.status, b.balance, b.held, a.opened_at
    FROM accounts a JOIN account_balances b ON b.user_id = a.user_id AND b.account_id = a.id`;

@Injectable()
export class AccountsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Opens the user's account of this kind, opens it again when it was closed, or finds it open. */
  async open(newId: string, userId: string, currency: string, kind: 'wallet' | 'debt'): Promise<Account> {
    const [row] = await this.unitOfWork.manager.query<{ id: string }[]>('SELECT open_account($1, $2, $3, $4) AS id', [
      userId,
      newId,
      currency,
      kind,
    ]);
    return (await this.find(userId, row!.id))!;
  }

  /** As `open`, for the wallets in several currencies; ids in the order of `wanted`. */
  async openWallets(userId: string, wanted: readonly { newId: string; currency: string }[]): Promise<string[]> {
    const rows = await this.unitOfWork.manager.query<{ id: string }[]>(
      `SELECT open_account($1, wanted.id, wanted.currency, 'wallet') AS id
         FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS wanted (id, currency, place) ORDER BY place`,
      [userId, wanted.map(({ newId }) => newId), wanted.map(({ currency }) => currency)],
    );
    return rows.map(({ id }) => id);
  }

  async find(userId: string, id: string): Promise<Account | undefined> {
    const [row] = await this.unitOfWork.manager.query<AccountRow[]>(`${SELECT} WHERE a.user_id = $1 AND a.id = $2`, [
      userId,
      id,
    ]);
    return row && toAccount(row);
  }

  async list(userId: string): Promise<Account[]> {
    const rows = await this.unitOfWork.manager.query<AccountRow[]>(
      `${SELECT} WHERE a.user_id = $1 AND b.status <> 'closed' ORDER BY a.kind DESC, a.currency`,
      [userId],
    );
    return rows.map(toAccount);
  }

  /** False when something is in it or held on it. */
  async close(userId: string, id: string): Promise<boolean> {
    const [row] = await this.unitOfWork.manager.query<{ closed: boolean }[]>('SELECT close_account($1, $2) AS closed', [
      userId,
      id,
    ]);
    return row!.closed;
  }
}

function toAccount(row: AccountRow): Account {
  return {
    id: row.id,
    userId: row.user_id,
    currency: row.currency,
    kind: row.kind,
    status: row.status,
    balanceMinor: BigInt(row.balance),
    heldMinor: BigInt(row.held),
    openedAt: row.opened_at,
  };
}
