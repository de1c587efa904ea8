import { Controller, Get, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#libs/access';
import { languageOf } from '#libs/pages';
import { Limits } from '#libs/throttling';
import { SecondFactorRequiredError } from '../second-factor/second-factor.errors.js';
import type { Client } from '../sessions/client.js';
import { RequestClient } from '../sessions/client.decorator.js';
import { ChallengeCookie } from './challenge-cookie.service.js';
import { GoogleSignInService } from './google-sign-in.service.js';
import type { OAuthJourney } from './google-state.store.js';
import { GoogleGuard } from './google.guard.js';
import type { GoogleProfile } from './google.strategy.js';
import { SECOND_FACTOR_PATH } from './login.page.js';
import { OAuthProblemFilter } from './oauth-problem.filter.js';
import { SignInEnd } from './sign-in-end.service.js';

/** The request after passport let it pass. */
type CallbackRequest = FastifyRequest & { user: GoogleProfile; authInfo: { state: OAuthJourney } };

@ApiTags('oauth')
@Controller('oauth/google')
@Public()
@UseGuards(GoogleGuard)
@UseFilters(OAuthProblemFilter)
export class GoogleController {
  constructor(
    private readonly google: GoogleSignInService,
    private readonly end: SignInEnd,
    private readonly challenge: ChallengeCookie,
  ) {}

  /** Sends the browser to Google. */
  @Get()
  @Limits({ ip: { limit: 120, seconds: 600 } })
  start(): void {
    throw new Error('passport redirects before the handler');
  }

  /** Where Google sends the browser back. */
  @Get('callback')
  @Limits({ ip: { limit: 120, seconds: 600 } })
  async callback(
    @Req() request: CallbackRequest,
    @RequestClient() client: Client,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { returnTo } = request.authInfo.state;
    const admission = await this.google.signIn(request.user, languageOf(request), client).catch((error: unknown) => {
      if (!(error instanceof SecondFactorRequiredError)) throw error;
      this.challenge.set(reply, { challenge: error.challenge, returnTo });
      return undefined;
    });
    void reply.header('cache-control', 'no-store');
    if (!admission) return void (await reply.redirect(`/${SECOND_FACTOR_PATH}`, 303));
    await this.end.redirect(request, reply, admission, returnTo);
  }
}
