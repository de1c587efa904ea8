import { Body, Controller, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#libs/access';
import { DomainError, toProblem } from '#libs/errors';
import { languageOf, PAGE_HEADERS } from '#libs/pages';
import { Limits } from '#libs/throttling';
import { AuthConfig } from '../auth.config.js';
import type { Client } from '../sessions/client.js';
import { RequestClient } from '../sessions/client.decorator.js';
import { SIGN_IN_LIMITS } from '../sign-in/sign-in.controller.js';
import { SignInService } from '../sign-in/sign-in.service.js';
import { allowedReturnTo, ForeignOriginError, isOwnOrigin } from '../web/origins.js';
import { RefreshCookie } from '../web/refresh-cookie.service.js';
import { loginPage, SIGNED_IN_PATH, signedInPage } from './login.page.js';
import { SignInFormDto } from './oauth.dto.js';

@ApiTags('oauth')
@Controller('oauth')
@Public()
export class OAuthController {
  constructor(
    private readonly config: AuthConfig,
    private readonly signIn: SignInService,
    private readonly cookie: RefreshCookie,
  ) {}

  /** The login page. */
  @Get()
  show(
    @Query('returnTo') returnTo: unknown,
    @Query('problem') problem: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): string {
    this.dress(reply);
    return this.page(request, {
      returnTo: allowedReturnTo(returnTo, this.config),
      problem: typeof problem === 'string' ? problem : undefined,
    });
  }

  /** The login page's form. */
  @Post('sign-in')
  @HttpCode(303)
  @Limits(SIGN_IN_LIMITS)
  async submit(
    @Body() form: SignInFormDto,
    @RequestClient() client: Client,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    // Without this anybody could sign a visitor in as somebody else (login CSRF).
    if (!isOwnOrigin(request, this.config)) throw new ForeignOriginError();
    const returnTo = allowedReturnTo(form.returnTo, this.config);
    this.dress(reply);
    try {
      const { tokens } = await this.signIn.signIn(form.email, form.password, client);
      this.cookie.set(reply, tokens.refreshToken);
      await reply.redirect(returnTo ?? SIGNED_IN_PATH, 303);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const { problem, headers } = toProblem(error);
      await reply
        .status(problem.status)
        .headers({ ...headers, ...PAGE_HEADERS })
        .send(this.page(request, { returnTo, email: form.email, problem: error.code }));
    }
  }

  /** Where the browser ends up when nothing else was asked for. */
  @Get('signed-in')
  signedIn(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): string {
    void reply.headers(PAGE_HEADERS);
    return signedInPage(languageOf(request));
  }

  private page(
    request: FastifyRequest,
    options: { returnTo: string | undefined; email?: string; problem: string | undefined },
  ): string {
    return loginPage({ language: languageOf(request), google: this.config.GOOGLE_CLIENT_ID !== '', ...options });
  }

  /**
   * `no-referrer` would make browsers hide the form's Origin, which the form is checked by; and browsers apply `form-action` to the
   * redirect after a form as well, so the origins we may return to must be in it.
   */
  private dress(reply: FastifyReply): void {
    const policy = String(reply.getHeader('content-security-policy') ?? '');
    const origins = ["'self'", ...this.config.CORS_ORIGINS].join(' ');
    void reply.headers({
      ...PAGE_HEADERS,
      'referrer-policy': 'same-origin',
      'content-security-policy': policy.replace(/form-action [^;]*/, `form-action ${origins}`),
    });
  }
}
