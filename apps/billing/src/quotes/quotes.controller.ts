import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, SignedIn } from '#libs/access';
import { UuidPipe } from '#libs/http';
import { CurrenciesService } from '../money/currencies.service.js';
import { CreateQuoteDto, QuoteDto } from './quote.dto.js';
import type { Quote } from './quotes.repository.js';
import { QuotesService } from './quotes.service.js';

@ApiTags('quotes')
@SignedIn()
@Controller('quotes')
export class QuotesController {
  constructor(
    private readonly quotes: QuotesService,
    private readonly currencies: CurrenciesService,
  ) {}

  /** Locks a rate for half an hour: for a conversion, or for a top-up in another currency. */
  @Post()
  async createQuote(@CurrentUser() user: Principal, @Body() body: CreateQuoteDto): Promise<QuoteDto> {
    return this.present(await this.quotes.create(user.userId, body));
  }

  /** One of the user's quotes, and whether it can still be used. */
  @Get(':id')
  async getQuote(@CurrentUser() user: Principal, @Param('id', UuidPipe) id: string): Promise<QuoteDto> {
    return this.present(await this.quotes.get(user.userId, id));
  }

  private async present(quote: Quote): Promise<QuoteDto> {
    return {
      id: quote.id,
      amountIn: await this.currencies.format(quote.amountIn, quote.from),
      spread: await this.currencies.format(quote.spread, quote.from),
      amountOut: await this.currencies.format(quote.amountOut, quote.to),
      rate: quote.rate,
      rateSetId: quote.rateSetId,
      expiresAt: quote.expiresAt,
      status: quote.status === 'open' && quote.expired ? 'expired' : quote.status,
    };
  }
}
