import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuthConfig } from '../auth.config.js';
import { SignedCookie } from '../web/signed-cookie.js';

/** The way to Google and back of one browser. */
export interface Journey {
  state: string;
  /** The secret of PKCE. */
  verifier: string;
  returnTo?: string | undefined;
  /** SHA-256, in base64url, of the refresh token the browser had when it set out: coming back from elsewhere it does not show it. */
  held?: string | undefined;
}

const LIFE_SECONDS = 600;

/** Keeps the journey in the browser that set out, for ten minutes. */
@Injectable()
export class JourneyCookie extends SignedCookie<Journey & { expiresAt: number }> {
  constructor(config: AuthConfig) {
    super(config, 'google', LIFE_SECONDS);
  }

  begin(reply: FastifyReply, journey: Journey): void {
    this.set(reply, { ...journey, expiresAt: Date.now() + LIFE_SECONDS * 1000 });
  }

  /** The journey that comes back with `state`, when it is this browser's and in time. */
  returning(request: FastifyRequest, state: unknown): (Journey & { expiresAt: number }) | undefined {
    const journey = this.read(request);
    return journey && journey.state === state && journey.expiresAt > Date.now() ? journey : undefined;
  }
}
