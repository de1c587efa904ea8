import type { FastifyReply } from 'fastify';
import { PAGE_HEADERS } from '#libs/pages';
import type { AuthConfig } from '../auth.config.js';

/**
 * Headers of pages with a form that ends in a redirect. `no-referrer` would make browsers hide the form's Origin, by which the form is
 * checked; and browsers apply `form-action` to the redirect after a form as well, so the origins we may return to must be in it.
 */
export function pageHeaders(reply: FastifyReply, config: AuthConfig): Record<string, string> {
  const policy = String(reply.getHeader('content-security-policy'));
  const origins = ["'self'", ...config.CORS_ORIGINS].join(' ');
  return {
    ...PAGE_HEADERS,
    'referrer-policy': 'same-origin',
    'content-security-policy': policy.replace(/form-action [^;]*/, `form-action ${origins}`),
  };
}
