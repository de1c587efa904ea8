import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '#libs/access';
import { PlansDto } from './plan.dto.js';
import { PlanViews } from './plan-views.service.js';
import { PlansService } from './plans.service.js';

@ApiTags('plans')
@Controller('plans')
export class PlansController {
  constructor(
    private readonly plans: PlansService,
    private readonly views: PlanViews,
  ) {}

  /** What can be bought now, with a price per currency. */
  @Get()
  @Public()
  async listPlans(): Promise<PlansDto> {
    const plans = await this.plans.onSale();
    return { items: await Promise.all(plans.map((plan) => this.views.plan(plan))) };
  }
}
