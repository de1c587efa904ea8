import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuthConfig } from '../auth.config.js';
import { clearCookie, readCookie, setCookie } from './cookies.js';

/**
 * A value kept in the browser between two pages, with its HMAC-SHA256: it cannot be altered, made up, or used in place of a cookie of
 * another name. Comes back from another site's redirect as well.
 */
export abstract class SignedCookie<T extends object> {
  protected constructor(
    protected readonly config: AuthConfig,
    private readonly name: string,
    private readonly lifeSeconds: number,
  ) {}

  set(reply: FastifyReply, value: T): void {
    const text = Buffer.from(JSON.stringify(value)).toString('base64url');
    setCookie(reply, this.config, this.name, `${text}.${this.sign(text)}`, {
      maxAgeSeconds: this.lifeSeconds,
      sameSite: 'lax',
    });
  }

  read(request: FastifyRequest): T | undefined {
    const [text = '', signature = ''] = readCookie(request, this.config, this.name)?.split('.') ?? [];
    const [given, expected] = [Buffer.from(signature), Buffer.from(this.sign(text))];
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    return JSON.parse(Buffer.from(text, 'base64url').toString()) as T;
  }

  clear(reply: FastifyReply): void {
    clearCookie(reply, this.config, this.name);
  }

  private sign(text: string): string {
    return createHmac('sha256', this.config.AUTH_COOKIE_SECRET).update(`${this.name}.${text}`).digest('base64url');
  }
}
