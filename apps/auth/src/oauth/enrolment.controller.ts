import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#libs/access';
import { languageOf } from '#libs/pages';
import { Limits } from '#libs/throttling';
import { AuthConfig } from '../auth.config.js';
import { CodeDto } from '../second-factor/second-factor.dto.js';
import { SecondFactorService } from '../second-factor/second-factor.service.js';
import type { Client } from '../sessions/client.js';
import { RequestClient } from '../sessions/client.decorator.js';
import { StepUpRequiredError } from '../sessions/session.errors.js';
import { StepUpService } from '../sessions/step-up.service.js';
import { ForeignOriginError, isOwnOrigin, returnToOf } from '../web/origins.js';
import { pageHeaders } from '../web/page-headers.js';
import { FormPage } from '../web/form-page.decorator.js';
import { EnrolmentCookie, type PendingEnrolment } from './enrolment-cookie.service.js';
import {
  beginProblem,
  codesPage,
  confirmCodeProblem,
  type EnrolmentVisit,
  introPage,
  secretPage,
} from './enrolment.page.js';
import { ENROLMENT_PATH } from './login.page.js';

@ApiTags('oauth')
@Controller(ENROLMENT_PATH)
@Public()
export class EnrolmentController {
  constructor(
    private readonly config: AuthConfig,
    private readonly secondFactor: SecondFactorService,
    private readonly stepUp: StepUpService,
    private readonly enrolment: EnrolmentCookie,
  ) {}

  /** Tells an administrator that a second factor has to be set up. */
  @Get()
  showSetUp(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    void reply.headers(pageHeaders(reply, this.config));
    return introPage(this.visitOf(request));
  }

  /** Makes the secret and shows it. */
  @Post()
  @HttpCode(200)
  @FormPage(beginProblem, pageHeaders)
  @Limits({ ip: { limit: 60, seconds: 600 } })
  async beginSetUp(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const secret = await this.secondFactor.begin(await this.pending(request));
    void reply.headers(pageHeaders(reply, this.config));
    return secretPage(this.visitOf(request), secret);
  }

  /** Takes the first code and shows the recovery codes. */
  @Post('confirm')
  @HttpCode(200)
  @FormPage(confirmCodeProblem, pageHeaders)
  @Limits({ ip: { limit: 60, seconds: 600 } })
  async confirmSetUp(
    @Body() form: CodeDto,
    @RequestClient() client: Client,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const pending = await this.pending(request);
    const codes = await this.secondFactor.confirm(pending, form.code, client);
    this.enrolment.clear(reply);
    void reply.headers(pageHeaders(reply, this.config));
    return codesPage(this.visitOf(request), codes);
  }

  private visitOf(request: FastifyRequest): EnrolmentVisit {
    return { language: languageOf(request), returnTo: returnToOf(request, this.config) };
  }

  /** The session the cookie names, while that is alive and fresh. Throws StepUpRequiredError. */
  private async pending(request: FastifyRequest): Promise<PendingEnrolment> {
    if (!isOwnOrigin(request, this.config)) throw new ForeignOriginError();
    const pending = this.enrolment.read(request);
    if (!pending) throw new StepUpRequiredError();
    await this.stepUp.assertFresh(pending.sessionId);
    return pending;
  }
}
