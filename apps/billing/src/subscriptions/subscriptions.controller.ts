import { Body, Controller, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, SignedIn, Weighty } from '#libs/access';
import { Idempotent, IdempotencyKey } from '../idempotency/idempotent.decorator.js';
import { BuyFromBalanceService } from './buy-from-balance.service.js';
import { BuySubscriptionService } from './buy-subscription.service.js';
import { RefundPeriodService } from './refund-period.service.js';
import {
  BuySubscriptionDto,
  RefundedPeriodDto,
  RefundPeriodDto,
  RenewSubscriptionDto,
  SubscriptionCheckoutDto,
  SubscriptionDto,
  SubscriptionIdDto,
  SubscriptionsDto,
} from './subscription.dto.js';
import { SubscriptionViews } from './subscription-views.service.js';
import { SubscriptionsService } from './subscriptions.service.js';
import { SwitchRenewalService } from './switch-renewal.service.js';

@ApiTags('subscriptions')
@SignedIn()
@Controller('subscriptions')
export class SubscriptionsController {
  constructor(
    private readonly byCard: BuySubscriptionService,
    private readonly fromBalance: BuyFromBalanceService,
    private readonly renewal: SwitchRenewalService,
    private readonly refunding: RefundPeriodService,
    private readonly subscriptions: SubscriptionsService,
    private readonly views: SubscriptionViews,
  ) {}

  /** Buys a plan: by card the answer says where to pay, from the balance it is bought already. */
  @Post('checkout')
  @Weighty()
  @Idempotent()
  async buySubscription(
    @CurrentUser() { userId }: Principal,
    @IdempotencyKey() idempotencyKey: string,
    @Body() { payWith, ...choice }: BuySubscriptionDto,
  ): Promise<SubscriptionCheckoutDto> {
    const order = { userId, idempotencyKey, ...choice };
    if (payWith === 'card') return { ...(await this.byCard.start(order)), period: null };
    const period = await this.fromBalance.buy(order);
    return { paymentId: null, checkoutUrl: null, period: await this.views.period(period) };
  }

  /** The signed-in user's subscriptions with all their periods. */
  @Get('me')
  async listOwnSubscriptions(@CurrentUser() { userId }: Principal): Promise<SubscriptionsDto> {
    const subscriptions = await this.subscriptions.ofUser(userId);
    return { items: await Promise.all(subscriptions.map((subscription) => this.views.subscription(subscription))) };
  }

  /** Agrees to automatic renewal from the balance, at no more than the plan's present price. */
  @Put(':id/renewal')
  @Weighty()
  async setRenewal(
    @CurrentUser() { userId }: Principal,
    @Param() { id }: SubscriptionIdDto,
    @Body() choice: RenewSubscriptionDto,
  ): Promise<SubscriptionDto> {
    await this.renewal.on(userId, id, choice);
    return this.views.subscription(await this.subscriptions.get(userId, id));
  }

  /** Gives a period back by the policy of its plan: its money returns to where it was paid from, its months are over. */
  @Post('periods/:id/refund')
  @Weighty()
  @Idempotent()
  async refundOwnPeriod(
    @CurrentUser() { userId }: Principal,
    @Param() { id: periodId }: SubscriptionIdDto,
    @IdempotencyKey() key: string,
    @Body() { reason = 'asked for by the customer' }: RefundPeriodDto,
  ): Promise<RefundedPeriodDto> {
    const refunded = await this.refunding.refund({ userId, periodId, actor: userId, reason, key });
    return this.views.refunded(refunded);
  }

  /** Stops automatic renewal; the time that is paid stays. */
  @Post(':id/cancel')
  @HttpCode(200)
  async cancelRenewal(
    @CurrentUser() { userId }: Principal,
    @Param() { id }: SubscriptionIdDto,
  ): Promise<SubscriptionDto> {
    await this.renewal.off(userId, id);
    return this.views.subscription(await this.subscriptions.get(userId, id));
  }
}
