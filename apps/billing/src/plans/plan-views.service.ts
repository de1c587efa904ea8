import { Injectable } from '@nestjs/common';
import { CurrenciesService } from '../money/currencies.service.js';
import type { PlanDto } from './plan.dto.js';
import type { Plan } from './plan.js';

/** How plans look from outside. */
@Injectable()
export class PlanViews {
  constructor(private readonly currencies: CurrenciesService) {}

  async plan({ id, product, productName, name, termMonths, features, prices }: Plan): Promise<PlanDto> {
    const formatted = prices.map((price) => this.currencies.format(price.amountMinor, price.currency));
    return { id, product, productName, name, termMonths, prices: await Promise.all(formatted), features };
  }
}
