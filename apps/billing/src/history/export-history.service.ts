import { Injectable } from '@nestjs/common';
import { fromCursor } from './history-cursor.js';
import type { HistoryFilter } from './history-filter.js';
import { type HistoryPage, HistoryService } from './history.service.js';
import type { TransactionDto } from './transaction.dto.js';
import { TransactionPresenter } from './transaction.presenter.js';

const PAGE = 500;
const COLUMNS = ['occurredAt', 'id', 'kind', 'accountId', 'seq', 'currency', 'amount', 'balanceAfter'] as const;

/** The history as a file of any length, in the memory of one page. */
@Injectable()
export class ExportHistoryService {
  constructor(
    private readonly history: HistoryService,
    private readonly presenter: TransactionPresenter,
  ) {}

  /**
   * The file piece by piece, newest line first. The first page is read before this returns, so that a history that is away is an error
   * and not half a file. Throws UnavailableError.
   */
  async lines(filter: HistoryFilter, format: 'csv' | 'ndjson'): Promise<AsyncIterable<string>> {
    return this.write(filter, format, await this.history.page(filter, PAGE));
  }

  private async *write(filter: HistoryFilter, format: 'csv' | 'ndjson', first: HistoryPage): AsyncIterable<string> {
    if (format === 'csv') yield `${COLUMNS.join(',')}\r\n`;
    for (let page = first; ;) {
      const lines = await Promise.all(page.entries.map((entry) => this.presenter.line(entry)));
      yield lines.map(format === 'csv' ? toCsv : toJson).join('');
      if (page.nextCursor === null) return;
      page = await this.history.page(filter, PAGE, fromCursor(page.nextCursor));
    }
  }
}

/** No field of ours holds a comma, a quote or a line break (RFC 4180). */
function toCsv(line: TransactionDto): string {
  const { occurredAt, id, kind, accountId, seq, currency, amount, balanceAfter } = line;
  const fields = [occurredAt.toISOString(), id, kind, accountId, seq, currency, amount.amount, balanceAfter.amount];
  return `${fields.join(',')}\r\n`;
}

function toJson(line: TransactionDto): string {
  return `${JSON.stringify(line)}\n`;
}
