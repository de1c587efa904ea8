import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuthConfig } from '../auth.config.js';
import { clearCookie, openSigned, readCookie, setCookie, signValue } from '../web/cookies.js';
import { allowedReturnTo } from '../web/origins.js';
import type { SpentStatesRepository } from './spent-states.repository.js';

/** passport hands the store nothing but the request, so the guard hangs the reply on it. */
export type RequestWithReply = FastifyRequest & { oauthReply?: FastifyReply };

/** What comes back with the browser from Google. */
export interface OAuthJourney {
  returnTo?: string | undefined;
}

interface Pending extends OAuthJourney {
  state: string;
  verifier: string;
  expiresAt: number;
}

type Stored = (error: Error | null, state?: string) => void;
type Verified = (error: Error | null, ok: string | false, info?: unknown) => void;

const COOKIE = 'google';
const LIFE_SECONDS = 600;

/**
 * State and PKCE verifier in a signed cookie: bound to the browser that set out, good for ten minutes and for one return.
 * passport-oauth2 tells the form of the call by the number of parameters: five for `store`, four for `verify`.
 */
export class GoogleStateStore {
  constructor(
    private readonly config: AuthConfig,
    private readonly spent: SpentStatesRepository,
  ) {}

  store(request: RequestWithReply, verifier: string, _state: unknown, _meta: unknown, done: Stored): void {
    const state = randomBytes(32).toString('base64url');
    const returnTo = allowedReturnTo((request.query as { returnTo?: unknown }).returnTo, this.config);
    const pending: Pending = { state, verifier, returnTo, expiresAt: Date.now() + LIFE_SECONDS * 1000 };
    const value = signValue(
      COOKIE,
      Buffer.from(JSON.stringify(pending)).toString('base64url'),
      this.config.AUTH_COOKIE_SECRET,
    );
    setCookie(replyOf(request), this.config, COOKIE, value, { maxAgeSeconds: LIFE_SECONDS, sameSite: 'lax' });
    done(null, state);
  }

  verify(request: RequestWithReply, state: unknown, _meta: unknown, done: Verified): void {
    const pending = this.read(request);
    clearCookie(replyOf(request), this.config, COOKIE);
    if (!pending || typeof state !== 'string' || pending.state !== state)
      return done(null, false, { message: 'state' });
    const { verifier, returnTo } = pending;
    this.spent.spend(state, new Date(pending.expiresAt)).then(
      (first) => (first ? done(null, verifier, { returnTo }) : done(null, false, { message: 'state' })),
      (error: Error) => done(error, false),
    );
  }

  private read(request: FastifyRequest): Pending | undefined {
    const signed = readCookie(request, this.config, COOKIE);
    const value = signed && openSigned(COOKIE, signed, this.config.AUTH_COOKIE_SECRET);
    if (!value) return undefined;
    const pending = JSON.parse(Buffer.from(value, 'base64url').toString()) as Pending;
    return pending.expiresAt > Date.now() ? pending : undefined;
  }
}

function replyOf(request: RequestWithReply): FastifyReply {
  if (!request.oauthReply) throw new Error('The guard did not give the reply');
  return request.oauthReply;
}
