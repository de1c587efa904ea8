import { Readable } from 'node:stream';
import { Controller, Get, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, SignedIn } from '#libs/access';
import { ValidationFailedError } from '#libs/errors';
import { UuidPipe } from '#libs/http';
import { CurrenciesService } from '../money/currencies.service.js';
import type { Currency } from '../money/money.js';
import { ExportHistoryService } from './export-history.service.js';
import { fromCursor } from './history-cursor.js';
import type { HistoryFilter } from './history-filter.js';
import { HistoryService } from './history.service.js';
import {
  ExportTransactionsDto,
  FilterTransactionsDto,
  ListTransactionsDto,
  TransactionDetailsDto,
  TransactionPageDto,
} from './transaction.dto.js';
import { TransactionPresenter } from './transaction.presenter.js';

@ApiTags('transactions')
@SignedIn()
@Controller('transactions')
export class TransactionsController {
  constructor(
    private readonly history: HistoryService,
    private readonly presenter: TransactionPresenter,
    private readonly exporting: ExportHistoryService,
    private readonly currencies: CurrenciesService,
  ) {}

  /** The user's transactions, newest first, line by line. */
  @Get()
  async listTransactions(
    @CurrentUser() user: Principal,
    @Query() query: ListTransactionsDto,
  ): Promise<TransactionPageDto> {
    const { limit, cursor, ...wanted } = query;
    const after = cursor === undefined ? undefined : fromCursor(cursor);
    const page = await this.history.pageOrNewest(await this.filterOf(user, wanted), limit, after);
    const items = await Promise.all(page.entries.map((entry) => this.presenter.line(entry)));
    return { items, nextCursor: page.nextCursor, source: page.source };
  }

  /** Everything as one file, written while it is read: CSV, or one JSON object per line. */
  @Get('export')
  @ApiProduces('text/csv', 'application/x-ndjson')
  async exportTransactions(
    @CurrentUser() user: Principal,
    @Query() query: ExportTransactionsDto,
  ): Promise<StreamableFile> {
    const { format, ...wanted } = query;
    const lines = await this.exporting.lines(await this.filterOf(user, wanted), format);
    return new StreamableFile(Readable.from(lines), {
      type: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
      disposition: `attachment; filename="transactions.${format}"`,
    });
  }

  /** One transaction with its movements, rate and payment. */
  @Get(':id')
  async getTransaction(
    @CurrentUser() user: Principal,
    @Param('id', UuidPipe) id: string,
  ): Promise<TransactionDetailsDto> {
    return this.presenter.details(await this.history.transaction(user.userId, id));
  }

  private async filterOf(user: Principal, wanted: FilterTransactionsDto): Promise<HistoryFilter> {
    const { amountFrom, amountTo, ...filter } = wanted;
    if (amountFrom === undefined && amountTo === undefined) return { ...filter, userId: user.userId };
    if (!filter.currency)
      throw new ValidationFailedError([{ field: 'currency', message: 'amounts need a currency to be compared in' }]);
    const currency = await this.currencies.get(filter.currency);
    const minor = (field: string, amount?: string): bigint | undefined =>
      amount === undefined ? undefined : toMinor(field, amount, currency);
    return {
      ...filter,
      userId: user.userId,
      leastMinor: minor('amountFrom', amountFrom),
      mostMinor: minor('amountTo', amountTo),
    };
  }
}

/** A signed decimal in minor units. Throws ValidationFailedError for decimals the currency does not have. */
function toMinor(field: string, amount: string, { code, exponent }: Currency): bigint {
  const [whole = '0', decimals = ''] = amount.replace('-', '').split('.');
  if (decimals.length > exponent)
    throw new ValidationFailedError([{ field, message: `${field} in ${code} has at most ${exponent} decimals` }]);
  const minor = BigInt(whole + decimals.padEnd(exponent, '0'));
  return amount.startsWith('-') ? -minor : minor;
}
