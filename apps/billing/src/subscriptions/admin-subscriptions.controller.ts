import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#libs/access';
import { AuditService } from '../audit/audit.service.js';
import { IdempotencyKey, Idempotent } from '../idempotency/idempotent.decorator.js';
import { AdministerSubscriptionsService } from './administer-subscriptions.service.js';
import { AdminRefundPeriodDto, GrantSubscriptionDto, RevokePeriodDto, UserQueryDto } from './admin-subscription.dto.js';
import { RefundPeriodService } from './refund-period.service.js';
import { RefundedPeriodDto, SubscriptionIdDto, SubscriptionPeriodDto, SubscriptionsDto } from './subscription.dto.js';
import { SubscriptionViews } from './subscription-views.service.js';
import { SubscriptionsService } from './subscriptions.service.js';

@ApiTags('admin: subscriptions')
@Roles('admin', 'super_user')
@Controller('admin/subscriptions')
export class AdminSubscriptionsController {
  constructor(
    private readonly administering: AdministerSubscriptionsService,
    private readonly refunding: RefundPeriodService,
    private readonly subscriptions: SubscriptionsService,
    private readonly views: SubscriptionViews,
    private readonly audit: AuditService,
  ) {}

  /** What a user holds, with all periods there ever were. */
  @Get()
  async listUserSubscriptions(
    @CurrentUser() { userId: actor }: Principal,
    @Query() { userId }: UserQueryDto,
  ): Promise<SubscriptionsDto> {
    await this.audit.viewed(actor, 'subscriptions.viewed', [userId]);
    const subscriptions = await this.subscriptions.ofUser(userId);
    return { items: await Promise.all(subscriptions.map((subscription) => this.views.subscription(subscription))) };
  }

  /** Gives a user a plan's term without payment. */
  @Post('grants')
  @Idempotent()
  async grantPeriod(
    @CurrentUser() { userId: actor }: Principal,
    @Body() { userId, planId, reason }: GrantSubscriptionDto,
    @IdempotencyKey() key: string,
  ): Promise<SubscriptionPeriodDto> {
    return this.views.period(await this.administering.grant({ userId, actor, reason }, planId, key));
  }

  /** Takes a period away without giving money back. */
  @Post('periods/:id/revoke')
  @HttpCode(200)
  async revokePeriod(
    @CurrentUser() { userId: actor }: Principal,
    @Param() { id }: SubscriptionIdDto,
    @Body() { userId, reason }: RevokePeriodDto,
  ): Promise<SubscriptionPeriodDto> {
    return this.views.period(await this.administering.revoke({ userId, actor, reason }, id));
  }

  /** Gives a period's money back, whatever its plan's policy says. */
  @Post('periods/:id/refund')
  @Idempotent()
  async refundPeriod(
    @CurrentUser() { userId: actor }: Principal,
    @Param() { id: periodId }: SubscriptionIdDto,
    @Body() { userId, reason, policy }: AdminRefundPeriodDto,
    @IdempotencyKey() key: string,
  ): Promise<RefundedPeriodDto> {
    return this.views.refunded(await this.refunding.refund({ userId, periodId, policy, actor, reason, key }));
  }
}
