import { Controller, Get, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, SignedIn } from '#libs/access';
import { fromCursor } from './history-cursor.js';
import { HistoryService } from './history.service.js';
import { ListTransactionsDto, TransactionDetailsDto, TransactionPageDto } from './transaction.dto.js';
import { TransactionPresenter } from './transaction.presenter.js';

@ApiTags('transactions')
@SignedIn()
@Controller('transactions')
export class TransactionsController {
  constructor(
    private readonly history: HistoryService,
    private readonly presenter: TransactionPresenter,
  ) {}

  /** The user's transactions, newest first, line by line. */
  @Get()
  async list(@CurrentUser() user: Principal, @Query() query: ListTransactionsDto): Promise<TransactionPageDto> {
    const { limit, cursor, ...filter } = query;
    const after = cursor === undefined ? undefined : fromCursor(cursor);
    const page = await this.history.pageOrNewest({ ...filter, userId: user.userId }, limit, after);
    const items = await Promise.all(page.entries.map((entry) => this.presenter.line(entry)));
    return { items, nextCursor: page.nextCursor, source: page.source };
  }

  /** One transaction with its movements, rate and payment. */
  @Get(':id')
  async get(@CurrentUser() user: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<TransactionDetailsDto> {
    return this.presenter.details(await this.history.transaction(user.userId, id));
  }
}
