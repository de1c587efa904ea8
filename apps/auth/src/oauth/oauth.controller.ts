import { Body, Controller, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#libs/access';
import { languageOf, PAGE_HEADERS } from '#libs/pages';
import { AuthConfig } from '../auth.config.js';
import { SecondFactorRequiredError } from '../second-factor/second-factor.errors.js';
import type { Client } from '../sessions/client.js';
import { RequestClient } from '../sessions/client.decorator.js';
import { LimitSignIns } from '../sign-in/sign-in.controller.js';
import { SignInService } from '../sign-in/sign-in.service.js';
import { allowedReturnTo, ForeignOriginError, isOwnOrigin, returnToOf } from '../web/origins.js';
import { pageHeaders } from '../web/page-headers.js';
import { FormPage, type RefusedForm } from '../web/form-page.decorator.js';
import { loginPage, signedInPage } from './login.page.js';
import { SignInFormDto } from './oauth.dto.js';
import { SignInEnd } from './sign-in-end.service.js';

@ApiTags('oauth')
@Controller('oauth')
@Public()
export class OAuthController {
  constructor(
    private readonly config: AuthConfig,
    private readonly signIn: SignInService,
    private readonly end: SignInEnd,
  ) {}

  /** The login page. */
  @Get()
  showLogin(
    @Query('problem') problem: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string {
    void reply.headers(pageHeaders(reply, this.config));
    return loginPage({
      language: languageOf(request),
      google: this.config.GOOGLE_CLIENT_ID !== '',
      returnTo: returnToOf(request, this.config),
      problem: typeof problem === 'string' ? problem : undefined,
    });
  }

  /** The login page's form. */
  @Post('sign-in')
  @HttpCode(303)
  @FormPage(loginProblem, pageHeaders)
  @LimitSignIns()
  async submitLogin(
    @Body() form: SignInFormDto,
    @RequestClient() client: Client,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    // Without this anybody could sign a visitor in as somebody else (login CSRF).
    if (!isOwnOrigin(request, this.config)) throw new ForeignOriginError();
    const returnTo = allowedReturnTo(form.returnTo, this.config);
    try {
      await this.end.redirect(request, reply, await this.signIn.signIn(form.email, form.password, client), returnTo);
    } catch (error) {
      if (!(error instanceof SecondFactorRequiredError)) throw error;
      await this.end.askForCode(request, reply, error.challenge, returnTo);
    }
  }

  /** Where the browser ends up when nothing else was asked for. */
  @Get('signed-in')
  signedIn(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    void reply.headers(PAGE_HEADERS);
    return signedInPage(languageOf(request));
  }
}

/** The login page again, with the address and where to go from there. */
function loginProblem({ language, problem, field, config }: RefusedForm): string {
  return loginPage({
    language,
    google: config.GOOGLE_CLIENT_ID !== '',
    returnTo: allowedReturnTo(field('returnTo'), config),
    email: field('email'),
    problem,
  });
}
