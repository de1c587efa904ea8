import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuthConfig } from '../auth.config.js';
import { FRESH_MINUTES } from '../sessions/step-up.service.js';
import { clearCookie, openSigned, readCookie, setCookie, signValue } from '../web/cookies.js';

/** An administrator who has to set up a second factor, the session that may do so, and where it leads. */
export interface PendingEnrolment {
  userId: string;
  sessionId: string;
  returnTo?: string | undefined;
}

const NAME = 'enrolment';

/** Names the session between the pages that set up a second factor; worth nothing once that session ended or is no longer fresh. */
@Injectable()
export class EnrolmentCookie {
  constructor(private readonly config: AuthConfig) {}

  set(reply: FastifyReply, pending: PendingEnrolment): void {
    const value = Buffer.from(JSON.stringify(pending)).toString('base64url');
    setCookie(reply, this.config, NAME, signValue(NAME, value, this.config.AUTH_COOKIE_SECRET), {
      maxAgeSeconds: FRESH_MINUTES * 60,
      sameSite: 'lax',
    });
  }

  read(request: FastifyRequest): PendingEnrolment | undefined {
    const value = openSigned(NAME, readCookie(request, this.config, NAME) ?? '', this.config.AUTH_COOKIE_SECRET);
    return value ? (JSON.parse(Buffer.from(value, 'base64url').toString()) as PendingEnrolment) : undefined;
  }

  clear(reply: FastifyReply): void {
    clearCookie(reply, this.config, NAME);
  }
}
