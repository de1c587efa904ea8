import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '#libs/access';
import { RatesDto } from './rate.dto.js';
import { RatesStaleError } from './rate.errors.js';
import { formatRate, type RatesPerUsd } from './rate.js';
import { BLOCK_AFTER_HOURS, RatesService } from './rates.service.js';

@ApiTags('rates')
@Public()
@Controller('rates')
export class RatesController {
  constructor(private readonly rates: RatesService) {}

  /** The rates conversions are made with, and how old they are. */
  @Get()
  async inForce(): Promise<RatesDto> {
    const { set, price, ageHours } = await this.rates.newest();
    if (!set || !price) throw new RatesStaleError();
    const perUsd: RatesPerUsd = { ...set.perUsd, PNT: price.pointsPerUsd };
    return {
      base: 'USD',
      rates: Object.fromEntries(Object.entries(perUsd).map(([code, rate]) => [code, formatRate(rate)])),
      rateSetId: set.id,
      provider: set.provider,
      publishedAt: set.publishedAt,
      stale: ageHours > BLOCK_AFTER_HOURS,
      attribution: 'Rates By Exchange Rate API https://www.exchangerate-api.com',
    };
  }
}
