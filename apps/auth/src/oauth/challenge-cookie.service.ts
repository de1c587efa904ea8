import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuthConfig } from '../auth.config.js';
import { clearCookie, openSigned, readCookie, setCookie, signValue } from '../web/cookies.js';

/** A sign-in that waits for its second factor, and where it leads. */
export interface PendingSignIn {
  challenge: string;
  returnTo?: string | undefined;
}

const NAME = 'challenge';
const LIFE_SECONDS = 300;

/** Keeps the challenge in the browser between the login page and the page that asks for the code. */
@Injectable()
export class ChallengeCookie {
  constructor(private readonly config: AuthConfig) {}

  set(reply: FastifyReply, pending: PendingSignIn): void {
    const value = Buffer.from(JSON.stringify(pending)).toString('base64url');
    setCookie(reply, this.config, NAME, signValue(NAME, value, this.config.AUTH_COOKIE_SECRET), {
      maxAgeSeconds: LIFE_SECONDS,
      sameSite: 'lax',
    });
  }

  read(request: FastifyRequest): PendingSignIn | undefined {
    const value = openSigned(NAME, readCookie(request, this.config, NAME) ?? '', this.config.AUTH_COOKIE_SECRET);
    return value ? (JSON.parse(Buffer.from(value, 'base64url').toString()) as PendingSignIn) : undefined;
  }

  clear(reply: FastifyReply): void {
    clearCookie(reply, this.config, NAME);
  }
}
