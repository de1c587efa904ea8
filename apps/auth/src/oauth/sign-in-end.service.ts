import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Admission } from '../second-factor/gatekeeper.service.js';
import { RefreshCookie } from '../web/refresh-cookie.service.js';
import { EnrolmentCookie } from './enrolment-cookie.service.js';
import { ENROLMENT_PATH, SIGNED_IN_PATH } from './login.page.js';

/** The end of every sign-in by the browser: where it goes, and what an administrator has to do first. */
@Injectable()
export class SignInEnd {
  constructor(
    private readonly cookie: RefreshCookie,
    private readonly enrolment: EnrolmentCookie,
  ) {}

  /** Keeps the session in the browser and sends it on: to the set-up of a second factor where one is due, else to `returnTo`. */
  async redirect(reply: FastifyReply, admission: Admission, returnTo: string | undefined): Promise<void> {
    const { tokens, userId, sessionId, mustEnrol } = admission;
    this.cookie.set(reply, tokens.refreshToken);
    if (mustEnrol) this.enrolment.set(reply, { userId, sessionId, returnTo });
    await reply.redirect(mustEnrol ? `/${ENROLMENT_PATH}` : (returnTo ?? SIGNED_IN_PATH), 303);
  }
}
