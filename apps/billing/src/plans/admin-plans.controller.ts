import { Body, Controller, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#libs/access';
import { UuidPipe } from '#libs/http';
import { Clock } from '../clock/clock.js';
import { Idempotent, IdempotencyKey } from '../idempotency/idempotent.decorator.js';
import { CurrenciesService } from '../money/currencies.service.js';
import type { MoneyDto } from '../money/money.dto.js';
import { AdministerPlansService } from './administer-plans.service.js';
import { AdminPlanDto, AdminPlansDto, ArchivePlanDto, CreatePlanDto, RepricePlanDto } from './admin-plan.dto.js';
import { assertFeatures, type Plan, type PlanPrice } from './plan.js';
import { PlanViews } from './plan-views.service.js';

@ApiTags('admin: plans')
@Roles('admin', 'super_user')
@Controller('admin/plans')
export class AdminPlansController {
  constructor(
    private readonly plans: AdministerPlansService,
    private readonly views: PlanViews,
    private readonly currencies: CurrenciesService,
    private readonly clock: Clock,
  ) {}

  /** All plans, also those not on sale. */
  @Get()
  async listAllPlans(): Promise<AdminPlansDto> {
    const plans = await this.plans.list();
    return { items: await Promise.all(plans.map((plan) => this.toDto(plan))) };
  }

  /** Puts a plan on sale, now or from a date on. */
  @Post()
  @Idempotent()
  async createPlan(
    @CurrentUser() { userId }: Principal,
    @IdempotencyKey() key: string,
    @Body() body: CreatePlanDto,
  ): Promise<AdminPlanDto> {
    const { prices, activeFrom, activeUntil, features, ...plan } = body;
    const wanted = {
      ...plan,
      features: assertFeatures(features),
      prices: await this.parse(prices),
      activeFrom: activeFrom ?? (await this.clock.now()),
      activeUntil: activeUntil ?? null,
    };
    return this.toDto(await this.plans.create(userId, wanted, key));
  }

  /** Puts new prices in the place of those that were read, 409 when others have taken it; what is sold already keeps its own. */
  @Put(':id/prices')
  async repricePlan(
    @CurrentUser() { userId }: Principal,
    @Param('id', UuidPipe) id: string,
    @Body() { prices, ...repricing }: RepricePlanDto,
  ): Promise<AdminPlanDto> {
    return this.toDto(await this.plans.reprice(userId, id, { prices: await this.parse(prices), ...repricing }));
  }

  /** Takes a plan off sale. */
  @Post(':id/archive')
  @HttpCode(200)
  async archivePlan(
    @CurrentUser() { userId }: Principal,
    @Param('id', UuidPipe) id: string,
    @Body() { reason }: ArchivePlanDto,
  ): Promise<AdminPlanDto> {
    return this.toDto(await this.plans.archive(userId, id, reason));
  }

  private async parse(prices: MoneyDto[]): Promise<PlanPrice[]> {
    return Promise.all(prices.map((price) => this.currencies.parse(price)));
  }

  private async toDto(plan: Plan): Promise<AdminPlanDto> {
    const { pricesVersion, graceDays, refundPolicy, activeFrom, activeUntil } = plan;
    return Object.assign(new AdminPlanDto(), await this.views.plan(plan), {
      pricesVersion,
      graceDays,
      refundPolicy,
      activeFrom: activeFrom.toISOString(),
      activeUntil: activeUntil?.toISOString() ?? null,
    });
  }
}
