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
    const { entries, nextCursor } = await this.history.page({ ...filter, userId: user.userId }, limit, after);
    return { items: await Promise.all(entries.map((entry) => this.presenter.line(entry))), nextCursor };
  }

  /** One transaction with its movements, rate and payment. */
  @Get(':id')
  async get(@CurrentUser() user: Principal, @Param('id', ParseUUIDPipe) id: string): Promise<TransactionDetailsDto> {
    return this.presenter.details(await this.history.transaction(user.userId, id));
  }
}
