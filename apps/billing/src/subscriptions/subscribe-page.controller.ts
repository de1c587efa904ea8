import { Controller, Get, Header, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#libs/access';
import { languageOf, PAGE_HEADERS } from '#libs/pages';
import { BillingConfig } from '../billing.config.js';
import { subscribePage } from './subscribe.page.js';
import { SUBSCRIBE_PAGE_SCRIPT } from './subscribe-page.script.js';
import { PlanViews } from '../plans/plan-views.service.js';
import { PlansService } from '../plans/plans.service.js';

/** The page is public; buying on it asks to sign in. */
@Public()
@ApiExcludeController()
@Controller('subscribe')
export class SubscribePageController {
  constructor(
    private readonly plans: PlansService,
    private readonly views: PlanViews,
    private readonly config: BillingConfig,
  ) {}

  @Get()
  async show(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const plans = await Promise.all((await this.plans.onSale()).map((plan) => this.views.plan(plan)));
    void reply.headers(PAGE_HEADERS);
    const { STRIPE_CHARGE_CURRENCIES: byCard, AUTH_ISSUER: authUrl } = this.config;
    const cardCurrencies = byCard.map((code) => code.toUpperCase());
    return subscribePage(languageOf(request), plans, cardCurrencies, authUrl);
  }

  @Get('page.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  @Header('cache-control', 'public, no-cache')
  script(): string {
    return SUBSCRIBE_PAGE_SCRIPT;
  }
}
