import { Body, Controller, Get, Headers, Post } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, SignedIn } from '#libs/access';
import { CurrenciesService } from '../money/currencies.service.js';
import { BuySubscriptionService } from './buy-subscription.service.js';
import {
  BuySubscriptionDto,
  SubscriptionCheckoutDto,
  type SubscriptionDto,
  type SubscriptionPeriodDto,
  SubscriptionsDto,
} from './subscription.dto.js';
import type { SubscriptionPeriod } from './subscription.js';
import { type SubscriptionOverview, SubscriptionsService } from './subscriptions.service.js';

@ApiTags('subscriptions')
@SignedIn()
@Controller('subscriptions')
export class SubscriptionsController {
  constructor(
    private readonly buying: BuySubscriptionService,
    private readonly subscriptions: SubscriptionsService,
    private readonly currencies: CurrenciesService,
  ) {}

  /** Starts buying a plan by card; the answer says where to pay. Repeating the call with its key repeats the answer. */
  @Post('checkout')
  @ApiHeader({ name: 'Idempotency-Key', required: true })
  async checkout(
    @CurrentUser() user: Principal,
    @Headers('idempotency-key') idempotencyKey: string,
    @Body() { planId, currency }: BuySubscriptionDto,
  ): Promise<SubscriptionCheckoutDto> {
    return this.buying.byCard({ userId: user.userId, planId, currency, idempotencyKey });
  }

  /** The signed-in user's subscriptions with all their periods. */
  @Get('me')
  async mine(@CurrentUser() user: Principal): Promise<SubscriptionsDto> {
    const subscriptions = await this.subscriptions.ofUser(user.userId);
    return { items: await Promise.all(subscriptions.map((subscription) => this.toDto(subscription))) };
  }

  private async toDto({ id, product, status, paidUntil, periods }: SubscriptionOverview): Promise<SubscriptionDto> {
    return {
      id,
      product,
      status,
      paidUntil: paidUntil?.toISOString() ?? null,
      periods: await Promise.all(periods.map((period) => this.toPeriodDto(period))),
    };
  }

  private async toPeriodDto(period: SubscriptionPeriod): Promise<SubscriptionPeriodDto> {
    return {
      id: period.id,
      planId: period.offer.planId,
      planName: period.offer.planName,
      termMonths: period.offer.termMonths,
      startsAt: period.startsAt.toISOString(),
      endsAt: period.endsAt.toISOString(),
      status: period.status,
      paidWith: period.source,
      paid: await this.currencies.format(period.paidMinor, period.paidCurrency),
      paymentId: period.paymentId,
    };
  }
}
