import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuthConfig } from '../auth.config.js';
import { hashOf } from '../sessions/refresh-token.js';
import { returnToOf } from '../web/origins.js';
import { RefreshCookie } from '../web/refresh-cookie.service.js';
import { type Journey, JourneyCookie } from './journey-cookie.service.js';
import { SpentStatesRepository } from './spent-states.repository.js';

/** passport hands the store nothing but the request, so the guard hangs the reply on it. */
export type RequestWithReply = FastifyRequest & { oauthReply?: FastifyReply };

/** What comes back with the browser from Google. */
export type OAuthJourney = Pick<Journey, 'returnTo' | 'held'>;

type Stored = (error: Error | null, state?: string) => void;
type Verified = (error: Error | null, ok: string | false, info?: unknown) => void;

/**
 * State and PKCE verifier in a signed cookie: bound to the browser that set out, good for ten minutes and for one return.
 * passport-oauth2 tells the form of the call by the number of parameters: five for `store`, four for `verify`.
 */
@Injectable()
export class GoogleStateStore {
  constructor(
    private readonly config: AuthConfig,
    private readonly journeys: JourneyCookie,
    private readonly refresh: RefreshCookie,
    private readonly spent: SpentStatesRepository,
  ) {}

  store(request: RequestWithReply, verifier: string, _state: unknown, _meta: unknown, done: Stored): void {
    const state = randomBytes(32).toString('base64url');
    const held = this.refresh.held(request);
    this.journeys.begin(replyOf(request), {
      state,
      verifier,
      returnTo: returnToOf(request, this.config),
      held: held === undefined ? undefined : hashOf(held).toString('base64url'),
    });
    done(null, state);
  }

  verify(request: RequestWithReply, state: unknown, _meta: unknown, done: Verified): void {
    const journey = this.journeys.returning(request, state);
    this.journeys.clear(replyOf(request));
    if (!journey) return done(null, false, { message: 'state' });
    const { verifier, returnTo, held, expiresAt } = journey;
    this.spent.spend(journey.state, new Date(expiresAt)).then(
      (first) => (first ? done(null, verifier, { returnTo, held }) : done(null, false, { message: 'state' })),
      (error: Error) => done(error, false),
    );
  }
}

function replyOf(request: RequestWithReply): FastifyReply {
  if (!request.oauthReply) throw new Error('The guard did not give the reply');
  return request.oauthReply;
}
