import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#libs/access';
import { languageOf } from '#libs/pages';
import { AuthConfig } from '../auth.config.js';
import { GatekeeperService } from '../second-factor/gatekeeper.service.js';
import { LimitCodes } from '../second-factor/second-factor.controller.js';
import { CodeDto } from '../second-factor/second-factor.dto.js';
import type { Client } from '../sessions/client.js';
import { RequestClient } from '../sessions/client.decorator.js';
import { ForeignOriginError, isOwnOrigin, returnToOf } from '../web/origins.js';
import { pageHeaders } from '../web/page-headers.js';
import { FormPage } from '../web/form-page.decorator.js';
import { ChallengeCookie } from './challenge-cookie.service.js';
import { SECOND_FACTOR_PATH } from './login.page.js';
import { secondFactorPage } from './second-factor.page.js';
import { SignInEnd } from './sign-in-end.service.js';

@ApiTags('oauth')
@Controller(SECOND_FACTOR_PATH)
@Public()
export class SecondFactorPageController {
  constructor(
    private readonly config: AuthConfig,
    private readonly gatekeeper: GatekeeperService,
    private readonly challenge: ChallengeCookie,
    private readonly end: SignInEnd,
  ) {}

  /** The page that asks for the code. */
  @Get()
  showSecondFactor(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    void reply.headers(pageHeaders(reply, this.config));
    return secondFactorPage({ language: languageOf(request), returnTo: returnToOf(request, this.config) });
  }

  /** The page's form. */
  @Post()
  @FormPage(secondFactorPage, pageHeaders)
  @LimitCodes()
  async submitSecondFactor(
    @Body() form: CodeDto,
    @RequestClient() client: Client,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (!isOwnOrigin(request, this.config)) throw new ForeignOriginError();
    const { challenge } = this.challenge.read(request) ?? { challenge: '' };
    const admission = await this.gatekeeper.meet(challenge, form.code, client);
    this.challenge.clear(reply);
    await this.end.redirect(request, reply, admission, returnToOf(request, this.config));
  }
}
