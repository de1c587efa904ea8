import { Body, Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#libs/access';
import { DomainError, toProblem } from '#libs/errors';
import { languageOf } from '#libs/pages';
import { Limits } from '#libs/throttling';
import { AuthConfig } from '../auth.config.js';
import { CodeDto } from '../second-factor/second-factor.dto.js';
import { SecondFactorFailedError } from '../second-factor/second-factor.errors.js';
import { SecondFactorService } from '../second-factor/second-factor.service.js';
import { StepUpRequiredError } from '../sessions/session.errors.js';
import { StepUpService } from '../sessions/step-up.service.js';
import { ForeignOriginError, isOwnOrigin } from '../web/origins.js';
import { pageHeaders } from '../web/page-headers.js';
import { EnrolmentCookie, type PendingEnrolment } from './enrolment-cookie.service.js';
import { codesPage, introPage, secretPage, tooLatePage, wrongCodePage } from './enrolment.page.js';
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
  @Limits({ ip: { limit: 60, seconds: 600 } })
  async beginSetUp(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    return this.step(request, reply, async (pending) =>
      secretPage(languageOf(request), await this.secondFactor.begin(pending)),
    );
  }

  /** Takes the first code and shows the recovery codes. */
  @Post('confirm')
  @HttpCode(200)
  @Limits({ ip: { limit: 60, seconds: 600 } })
  async confirmSetUp(
    @Body() form: CodeDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.step(request, reply, async (pending) => {
      const codes = await this.secondFactor.confirm(pending, form.code);
      this.enrolment.clear(reply);
      return codesPage(languageOf(request), codes, pending.returnTo ?? SIGNED_IN_PATH);
    });
  }

  /** One step of the set-up, for the session the cookie names while that is alive and fresh. */
  private async step(
    request: FastifyRequest,
    reply: FastifyReply,
    act: (pending: PendingEnrolment) => Promise<string>,
  ): Promise<string> {
    if (!isOwnOrigin(request, this.config)) throw new ForeignOriginError();
    void reply.headers(pageHeaders(reply, this.config));
    try {
      const pending = this.enrolment.read(request);
      if (!pending) throw new StepUpRequiredError();
      await this.stepUp.assertFresh(pending.sessionId);
      return await act(pending);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const { problem, headers } = toProblem(error);
      void reply.status(problem.status).headers(headers);
      const page = error instanceof SecondFactorFailedError ? wrongCodePage : tooLatePage;
      return page(languageOf(request));
    }
  }
}
