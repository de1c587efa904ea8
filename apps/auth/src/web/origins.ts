import type { FastifyRequest } from 'fastify';
import { DomainError } from '#libs/errors';
import type { AuthConfig } from '../auth.config.js';

/** A browser sent this from a page that may not act for the user (cross-site request forgery). */
export class ForeignOriginError extends DomainError {
  constructor() {
    super('auth.foreign_origin', 'forbidden', 'This request did not come from a page that may make it.');
  }
}

/** Whether the Origin header names our own pages, or one of `others`. Browsers send it with every POST. */
export function isOwnOrigin(
  request: Pick<FastifyRequest, 'headers'>,
  config: AuthConfig,
  others: readonly string[] = [],
): boolean {
  const { origin } = request.headers;
  return origin !== undefined && [new URL(config.AUTH_PUBLIC_URL).origin, ...others].includes(origin);
}

/**
 * Where to go after signing in, when that is one of our own pages or a page of an allowed origin; undefined for everything else,
 * so that a link to the login page cannot send people elsewhere.
 */
export function allowedReturnTo(value: unknown, config: AuthConfig): string | undefined {
  // Browsers drop or turn these, each in its own way: no honest address has them.
  if (typeof value !== 'string' || value === '' || value.length > 2000 || /[\\\s\p{Cc}]/u.test(value)) return undefined;
  const own = new URL(config.AUTH_PUBLIC_URL).origin;
  const url = URL.parse(value, own);
  if (!url || !['https:', 'http:'].includes(url.protocol) || url.username || url.password) return undefined;
  return [own, ...config.CORS_ORIGINS].includes(url.origin) ? url.href : undefined;
}

/** Where a request's address asks to go after signing in, when that is allowed. */
export function returnToOf(request: Pick<FastifyRequest, 'query'>, config: AuthConfig): string | undefined {
  return allowedReturnTo((request.query as { returnTo?: unknown }).returnTo, config);
}
