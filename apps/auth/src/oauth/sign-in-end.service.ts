import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { languageOf } from '#libs/pages';
import type { Admission } from '../second-factor/gatekeeper.service.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { pageAddress } from '../web/page-address.js';
import { RefreshCookie } from '../web/refresh-cookie.service.js';
import { ChallengeCookie } from './challenge-cookie.service.js';
import { EnrolmentCookie } from './enrolment-cookie.service.js';
import { ENROLMENT_PATH, SECOND_FACTOR_PATH, SIGNED_IN_PATH } from './login.page.js';

/** The end of every sign-in by the browser: where it goes, and what has to be done first. */
@Injectable()
export class SignInEnd {
  constructor(
    private readonly cookie: RefreshCookie,
    private readonly challenge: ChallengeCookie,
    private readonly enrolment: EnrolmentCookie,
    private readonly sessions: SessionsService,
  ) {}

  /** Keeps the challenge in the browser and sends it to the page that asks for the code. */
  async askForCode(
    request: FastifyRequest,
    reply: FastifyReply,
    challenge: string,
    returnTo: string | undefined,
  ): Promise<void> {
    this.challenge.set(reply, { challenge });
    await reply.redirect(pageAddress(`/${SECOND_FACTOR_PATH}`, languageOf(request), returnTo), 303);
  }

  /**
   * Keeps the session in the browser, in place of one it may have had, and sends it on: to the set-up of a second factor where one is
   * due, else to `returnTo`. What a browser that comes from elsewhere does not show of its session is in `held`, as `Journey` keeps it.
   */
  async redirect(
    request: FastifyRequest,
    reply: FastifyReply,
    admission: Admission,
    returnTo: string | undefined,
    held?: string,
  ): Promise<void> {
    const { tokens, userId, sessionId, mustEnrol } = admission;
    const shown = this.cookie.held(request);
    if (shown !== undefined) await this.sessions.logout(shown);
    if (held !== undefined) await this.sessions.endFamilyOf(Buffer.from(held, 'base64url'));
    this.cookie.set(reply, tokens.refreshToken);
    if (mustEnrol) this.enrolment.set(reply, { userId, sessionId });
    const setUp = pageAddress(`/${ENROLMENT_PATH}`, languageOf(request), returnTo);
    await reply.redirect(mustEnrol ? setUp : (returnTo ?? SIGNED_IN_PATH), 303);
  }
}
