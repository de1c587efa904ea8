import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuthConfig } from '../auth.config.js';

interface CookieOptions {
  maxAgeSeconds: number;
  /** `strict` never comes with a request that another site caused; `lax` comes back from Google's redirect. */
  sameSite: 'strict' | 'lax';
}

/** Sets a cookie no script can read; over TLS its `__Host-` name keeps other hosts from planting it. */
export function setCookie(
  reply: FastifyReply,
  config: AuthConfig,
  name: string,
  value: string,
  options: CookieOptions,
): void {
  const secure = isSecure(config);
  void reply.setCookie(cookieName(config, name), value, {
    httpOnly: true,
    secure,
    path: '/',
    sameSite: options.sameSite,
    maxAge: options.maxAgeSeconds,
  });
}

/** Reads what `setCookie` set. */
export function readCookie(request: FastifyRequest, config: AuthConfig, name: string): string | undefined {
  return request.cookies[cookieName(config, name)];
}

/** Takes a cookie back. */
export function clearCookie(reply: FastifyReply, config: AuthConfig, name: string): void {
  void reply.clearCookie(cookieName(config, name), { httpOnly: true, secure: isSecure(config), path: '/' });
}

function isSecure(config: AuthConfig): boolean {
  return config.AUTH_PUBLIC_URL.startsWith('https:');
}

function cookieName(config: AuthConfig, name: string): string {
  return isSecure(config) ? `__Host-${name}` : name;
}
