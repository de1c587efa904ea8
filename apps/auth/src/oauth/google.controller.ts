import { Controller, Get, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#libs/access';
import { languageOf } from '#libs/pages';
import { Limits } from '#libs/throttling';
import { SecondFactorRequiredError } from '../second-factor/second-factor.errors.js';
import type { Client } from '../sessions/client.js';
import { RequestClient } from '../sessions/client.decorator.js';
import { GoogleSignInService } from './google-sign-in.service.js';
import type { OAuthJourney } from './google-state.store.js';
import { GoogleGuard } from './google.guard.js';
import type { GoogleProfile } from './google.strategy.js';
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
    const { returnTo, held } = request.authInfo.state;
    void reply.header('cache-control', 'no-store');
    try {
      const admission = await this.google.signIn(request.user, languageOf(request), client);
      await this.end.redirect(request, reply, admission, returnTo, held);
    } catch (error) {
      if (!(error instanceof SecondFactorRequiredError)) throw error;
      await this.end.askForCode(request, reply, error.challenge, returnTo);
    }
  }
}
