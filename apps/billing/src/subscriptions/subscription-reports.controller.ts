import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#libs/access';
import { AuditService } from '../audit/audit.service.js';
import { Clock } from '../clock/clock.js';
import { CurrenciesService } from '../money/currencies.service.js';
import {
  HolderPageDto,
  PlansTotalsDto,
  type PlanTotalsDto,
  RevenueDto,
  RevenueQueryDto,
  SearchHoldersDto,
} from './admin-subscription.dto.js';
import { fromHolderCursor, toHolderCursor } from './holder-cursor.js';
import { HoldersRepository } from './holders.repository.js';
import { type PlanTotals, SubscriptionReportsRepository } from './subscription-reports.repository.js';

@ApiTags('admin: subscriptions')
@Roles('admin', 'super_user')
@Controller('admin/subscriptions')
export class SubscriptionReportsController {
  constructor(
    private readonly reports: SubscriptionReportsRepository,
    private readonly holding: HoldersRepository,
    private readonly currencies: CurrenciesService,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /** Who holds what now, the next to end first. */
  @Get('holders')
  async listHolders(
    @CurrentUser() { userId: actor }: Principal,
    @Query() { cursor, limit, ...filter }: SearchHoldersDto,
  ): Promise<HolderPageDto> {
    const after = cursor === undefined ? undefined : fromHolderCursor(cursor);
    const found = await this.holding.search({ ...filter, after, limit: limit + 1 }, await this.clock.now());
    const items = found.slice(0, limit);
    await this.audit.viewed(
      actor,
      'holders.viewed',
      items.map(({ userId }) => userId),
    );
    return { items, nextCursor: found.length > limit ? toHolderCursor(items.at(-1)!) : null };
  }

  /** Holders and money by plan, term and currency. */
  @Get('totals')
  async getTotals(): Promise<PlansTotalsDto> {
    const totals = await this.reports.totals(await this.clock.now());
    return { items: await Promise.all(totals.map((plan) => this.toDto(plan))) };
  }

  /** Revenue earned per UTC day, `to` not included. */
  @Get('revenue')
  async getRevenue(@Query() { from, to }: RevenueQueryDto): Promise<RevenueDto> {
    const days = await this.reports.revenue(new Date(from), new Date(to));
    const items = days.map(async ({ day, currency, earnedMinor }) => ({
      day,
      earned: await this.currencies.format(earnedMinor, currency),
    }));
    return { items: await Promise.all(items) };
  }

  private async toDto({
    currency,
    paidMinor,
    earnedMinor,
    refundedMinor,
    ...plan
  }: PlanTotals): Promise<PlanTotalsDto> {
    const [paid, earned, refunded] = await Promise.all(
      [paidMinor, earnedMinor, refundedMinor].map((minor) => this.currencies.format(minor, currency)),
    );
    return { ...plan, paid: paid!, earned: earned!, refunded: refunded! };
  }
}
