import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Admission } from '../second-factor/gatekeeper.service.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { RefreshCookie } from '../web/refresh-cookie.service.js';
import { EnrolmentCookie } from './enrolment-cookie.service.js';
import { ENROLMENT_PATH, SIGNED_IN_PATH } from './login.page.js';

/** The end of every sign-in by the browser: where it goes, and what an administrator has to do first. */
@Injectable()
export class SignInEnd {
  constructor(
    private readonly cookie: RefreshCookie,
    private readonly enrolment: EnrolmentCookie,
    private readonly sessions: SessionsService,
  ) {}

  /**
   * Keeps the session in the browser, in place of one it may have had, and sends it on: to the set-up of a second factor where one is
   * due, else to `returnTo`.
   */
  async redirect(
    request: FastifyRequest,
    reply: FastifyReply,
    admission: Admission,
    returnTo: string | undefined,
  ): Promise<void> {
    const { tokens, userId, sessionId, mustEnrol } = admission;
    const held = this.cookie.held(request);
    if (held !== undefined) await this.sessions.logout(held);
    this.cookie.set(reply, tokens.refreshToken);
    if (mustEnrol) this.enrolment.set(reply, { userId, sessionId, returnTo });
    await reply.redirect(mustEnrol ? `/${ENROLMENT_PATH}` : (returnTo ?? SIGNED_IN_PATH), 303);
  }
}
