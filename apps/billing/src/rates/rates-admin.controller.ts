import { Body, Controller, Get, HttpCode, Param, ParseIntPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentUser, type Principal, Roles } from '#libs/access';
import { FetchRatesService } from './fetch-rates.service.js';
import {
  DecideRatesDto,
  ListRateFetchesDto,
  PointPriceDto,
  RateFetchListDto,
  RateFetchOutcomeDto,
  SetPointPriceDto,
} from './rate.dto.js';
import { formatRate } from './rate.js';
import { RatesAdminService } from './rates-admin.service.js';

@ApiTags('admin: rates')
@Roles('admin', 'super_user')
@Controller('admin')
export class RatesAdminController {
  constructor(
    private readonly rates: RatesAdminService,
    private readonly fetching: FetchRatesService,
  ) {}

  /** What the rate sources answered and what became of it. */
  @Get('rates/fetches')
  async fetches(@Query() query: ListRateFetchesDto): Promise<RateFetchListDto> {
    return { items: await this.rates.fetches(query.status, query.limit) };
  }

  /** Asks the sources now instead of at the next full hour. */
  @Post('rates/fetch')
  @HttpCode(200)
  async fetch(@CurrentUser() user: Principal): Promise<RateFetchOutcomeDto> {
    return { status: await this.fetching.fetch(user.userId) };
  }

  /** Accepts or rejects rates in quarantine. */
  @Post('rates/fetches/:id/decision')
  @HttpCode(204)
  async decide(
    @CurrentUser() user: Principal,
    @Param('id', ParseIntPipe) id: number,
    @Body() body: DecideRatesDto,
  ): Promise<void> {
    await this.rates.decide(user.userId, String(id), body.decision, body.reason);
  }

  /** Sets the price of points in USD. */
  @Post('point-price')
  async setPointPrice(@CurrentUser() user: Principal, @Body() body: SetPointPriceDto): Promise<PointPriceDto> {
    const price = await this.rates.setPointPrice(user.userId, body);
    return { ...price, pointsPerUsd: formatRate(price.pointsPerUsd) };
  }
}
