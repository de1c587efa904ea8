import { Body, Controller, Get, HttpCode, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#libs/access';
import { languageOf } from '#libs/pages';
import { Limits } from '#libs/throttling';
import { AuthConfig } from '../auth.config.js';
import { CodeDto } from '../second-factor/second-factor.dto.js';
import { SecondFactorService } from '../second-factor/second-factor.service.js';
import { StepUpRequiredError } from '../sessions/session.errors.js';
import { StepUpService } from '../sessions/step-up.service.js';
import { ForeignOriginError, isOwnOrigin } from '../web/origins.js';
import { pageHeaders } from '../web/page-headers.js';
import { pageProblems } from '../web/page-problem.filter.js';
import { EnrolmentCookie, type PendingEnrolment } from './enrolment-cookie.service.js';
import { beginProblem, codesPage, confirmCodeProblem, introPage, secretPage } from './enrolment.page.js';
import { ENROLMENT_PATH, SIGNED_IN_PATH } from './login.page.js';

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
    return introPage(languageOf(request));
  }

  /** Makes the secret and shows it. */
  @Post()
  @HttpCode(200)
  @UseFilters(pageProblems(beginProblem, pageHeaders))
  @Limits({ ip: { limit: 60, seconds: 600 } })
  async beginSetUp(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const secret = await this.secondFactor.begin(await this.pending(request));
    void reply.headers(pageHeaders(reply, this.config));
    return secretPage(languageOf(request), secret);
  }

  /** Takes the first code and shows the recovery codes. */
  @Post('confirm')
  @HttpCode(200)
  @UseFilters(pageProblems(confirmCodeProblem, pageHeaders))
  @Limits({ ip: { limit: 60, seconds: 600 } })
  async confirmSetUp(
    @Body() form: CodeDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const pending = await this.pending(request);
    const codes = await this.secondFactor.confirm(pending, form.code);
    this.enrolment.clear(reply);
    void reply.headers(pageHeaders(reply, this.config));
    return codesPage(languageOf(request), codes, pending.returnTo ?? SIGNED_IN_PATH);
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
