import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import type { PostingInput } from '../ledger/posting-input.js';
import { type Quote, type QuoteRow, toQuote } from '../quotes/quotes.repository.js';

/** A quote somebody wants to spend. */
export interface Asked {
  userId: string;
  quoteId: string;
}

/** An open quote with the user's wallets in its currencies. */
export interface Ready {
  quote: Quote;
  fromWallet: string;
  toWallet: string;
}

@Injectable()
export class ConversionsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** By quote, those of the user's own that look open and have both wallets; nothing is locked. */
  async ready(asked: readonly Asked[]): Promise<Map<string, Ready>> {
    const rows = await this.unitOfWork.manager.query<(QuoteRow & { from_wallet: string; to_wallet: string })[]>(
      `SELECT q.*, false AS expired, f.id AS from_wallet, t.id AS to_wallet
         FROM unnest($1::uuid[], $2::uuid[]) AS asked (id, user_id)
         JOIN quotes q ON q.id = asked.id AND q.user_id = asked.user_id AND q.status = 'open'
         JOIN accounts f ON f.user_id = q.user_id AND f.currency = q.from_currency AND f.kind = 'wallet'
         JOIN accounts t ON t.user_id = q.user_id AND t.currency = q.to_currency AND t.kind = 'wallet'`,
      [asked.map(({ quoteId }) => quoteId), asked.map(({ userId }) => userId)],
    );
    return new Map(
      rows.map((row) => [row.id, { quote: toQuote(row), fromWallet: row.from_wallet, toWallet: row.to_wallet }]),
    );
  }

  /**
   * Spends the quotes that are these postings' sources and posts them, in one statement: those that still hold, with both wallets open, where
   * nobody else has locked any of the three. Waits for nobody. The ids of the transactions that were made.
   */
  async convertFree(postings: readonly PostingInput[]): Promise<Set<string>> {
    const [row] = await this.unitOfWork.manager.query<{ made: string[] }[]>('SELECT convert_free_quotes($1) AS made', [
      JSON.stringify(postings),
    ]);
    return new Set(row!.made);
  }
}
