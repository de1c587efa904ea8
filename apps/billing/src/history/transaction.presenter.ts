import { Injectable } from '@nestjs/common';
import { CurrenciesService } from '../money/currencies.service.js';
import type { HistoryEntry } from './history-entry.schema.js';
import type { TransactionDetailsDto, TransactionDto } from './transaction.dto.js';

/** How the history is shown. */
@Injectable()
export class TransactionPresenter {
  constructor(private readonly currencies: CurrenciesService) {}

  async line(entry: HistoryEntry): Promise<TransactionDto> {
    return {
      id: entry.transactionId,
      kind: entry.kind,
      accountId: entry.accountId,
      seq: entry.seq,
      currency: entry.currency,
      // The driver returns 64-bit integers that fit as numbers.
      amount: await this.currencies.format(BigInt(entry.deltaMinor), entry.currency),
      balanceAfter: await this.currencies.format(BigInt(entry.balanceAfterMinor), entry.currency),
      occurredAt: entry.recordedAt,
    };
  }

  async details(entries: HistoryEntry[]): Promise<TransactionDetailsDto> {
    const [first] = entries;
    return {
      id: first!.transactionId,
      kind: first!.kind,
      occurredAt: first!.recordedAt,
      lines: await Promise.all(entries.map((entry) => this.line(entry))),
      legs: await Promise.all(
        first!.legs.map(async ({ leg, debit, credit, currency, amountMinor }) => ({
          code: leg,
          debit,
          credit,
          amount: await this.currencies.format(BigInt(amountMinor), currency),
        })),
      ),
      details: first!.meta,
      // Entries come in order of their accounts' seq, so the last one of an account stays.
      hashes: Object.fromEntries(entries.map((entry) => [entry.accountId, entry.hash])),
    };
  }
}
