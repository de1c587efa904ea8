import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, SignedIn, Weighty } from '#libs/access';
import { Idempotent } from '../idempotency/idempotent.decorator.js';
import { CurrenciesService } from '../money/currencies.service.js';
import { ConversionDto, CreateConversionDto } from './conversion.dto.js';
import { ConversionsService } from './conversions.service.js';

@ApiTags('conversions')
@SignedIn()
@Controller('conversions')
export class ConversionsController {
  constructor(
    private readonly conversions: ConversionsService,
    private readonly currencies: CurrenciesService,
  ) {}

  /** Changes money between two of the user's accounts, as quoted. */
  @Post()
  @Weighty()
  @Idempotent()
  async convert(@CurrentUser() user: Principal, @Body() body: CreateConversionDto): Promise<ConversionDto> {
    const { transactionId, quote } = await this.conversions.convert(user.userId, body.quoteId);
    return {
      transactionId,
      quoteId: quote.id,
      amountIn: await this.currencies.format(quote.amountIn, quote.from),
      spread: await this.currencies.format(quote.spread, quote.from),
      amountOut: await this.currencies.format(quote.amountOut, quote.to),
      rate: quote.rate,
    };
  }
}
