import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '#libs/access';
import { CurrenciesService } from '../money/currencies.service.js';
import type { Plan } from './plan.js';
import { PlanDto, PlansDto } from './plan.dto.js';
import { PlansService } from './plans.service.js';

@ApiTags('plans')
@Controller('plans')
export class PlansController {
  constructor(
    private readonly plans: PlansService,
    private readonly currencies: CurrenciesService,
  ) {}

  /** What can be bought now, with a price per currency. */
  @Get()
  @Public()
  async list(): Promise<PlansDto> {
    const plans = await this.plans.onSale();
    return { items: await Promise.all(plans.map((plan) => this.toDto(plan))) };
  }

  private async toDto(plan: Plan): Promise<PlanDto> {
    const { id, product, productName, name, termMonths, features } = plan;
    const prices = await Promise.all(
      plan.prices.map((price) => this.currencies.format(price.amountMinor, price.currency)),
    );
    return { id, product, productName, name, termMonths, prices, features };
  }
}
