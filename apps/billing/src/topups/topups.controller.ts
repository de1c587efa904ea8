import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, SignedIn } from '#libs/access';
import { ValidationFailedError } from '#libs/errors';
import { UuidPipe } from '#libs/http';
import { IdempotencyKey, Idempotent } from '../idempotency/idempotent.decorator.js';
import { CurrenciesService } from '../money/currencies.service.js';
import { CreateTopUpDto, TopUpDto } from './topup.dto.js';
import { type TopUp, type TopUpOrder, TopUpsService } from './topups.service.js';

@ApiTags('top-ups')
@SignedIn()
@Controller('top-ups')
export class TopUpsController {
  constructor(
    private readonly topUps: TopUpsService,
    private readonly currencies: CurrenciesService,
  ) {}

  /** Starts a top-up; send the browser to `checkoutUrl`. */
  @Post()
  @Idempotent()
  async startTopUp(
    @CurrentUser() user: Principal,
    @Body() body: CreateTopUpDto,
    @IdempotencyKey() key: string,
  ): Promise<TopUpDto> {
    const { paymentId } = await this.topUps.start(user.userId, key, orderOf(body));
    return this.present(await this.topUps.get(user.userId, paymentId));
  }

  /** One of the user's top-ups, and how far it has come. */
  @Get(':id')
  async getTopUp(@CurrentUser() user: Principal, @Param('id', UuidPipe) id: string): Promise<TopUpDto> {
    return this.present(await this.topUps.get(user.userId, id));
  }

  private async present({ payment, snapshot }: TopUp): Promise<TopUpDto> {
    return {
      id: payment.id,
      status: payment.status,
      amount: await this.currencies.format(payment.amountMinor, payment.currency),
      credits: await this.currencies.format(BigInt(snapshot.creditMinor), snapshot.creditCurrency),
      checkoutUrl: payment.status === 'session_open' ? payment.sessionUrl : null,
      expiresAt: payment.expiresAt,
      transactionId: payment.transactionId,
    };
  }
}

function orderOf({ quoteId, amount }: CreateTopUpDto): TopUpOrder {
  if (quoteId && amount)
    throw new ValidationFailedError([{ field: 'amount', message: 'the quote names the amount already' }]);
  return quoteId ? { quoteId } : { amount: amount! };
}
