import { Controller, Get, Header, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#libs/access';
import { languageOf, PAGE_HEADERS } from '#libs/pages';
import { BillingConfig } from '../billing.config.js';
import { subscribePage, type WayToPay } from './subscribe.page.js';
import { SUBSCRIBE_PAGE_SCRIPT } from './subscribe-page.script.js';
import { PlanViews } from '../plans/plan-views.service.js';
import { PlansService } from '../plans/plans.service.js';

/** The page is public; buying on it asks to sign in. */
@Public()
@ApiExcludeController()
@Controller('subscribe')
export class SubscribePageController {
  private readonly ways: WayToPay[];

  constructor(
    private readonly plans: PlansService,
    private readonly views: PlanViews,
    private readonly config: BillingConfig,
  ) {
    const byCard = config.STRIPE_CHARGE_CURRENCIES.map((code) => ({
      currency: code.toUpperCase(),
      payWith: 'card' as const,
    }));
    this.ways = [...byCard, { currency: 'PNT', payWith: 'balance' }];
  }

  @Get()
  async show(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const plans = await Promise.all((await this.plans.onSale()).map((plan) => this.views.plan(plan)));
    void reply.headers(PAGE_HEADERS);
    return subscribePage(languageOf(request), plans, this.ways, this.config.AUTH_ISSUER);
  }

  @Get('page.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  @Header('cache-control', 'public, no-cache')
  script(): string {
    return SUBSCRIBE_PAGE_SCRIPT;
  }
}
