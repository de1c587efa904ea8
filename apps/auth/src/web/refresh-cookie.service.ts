import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuthConfig } from '../auth.config.js';
import { clearCookie, readCookie, setCookie } from './cookies.js';
import { ForeignOriginError, isOwnOrigin } from './origins.js';

const NAME = 'refresh';

/** Browsers may keep the refresh token in a cookie that no script sees. */
@Injectable()
export class RefreshCookie {
  constructor(private readonly config: AuthConfig) {}

  set(reply: FastifyReply, refreshToken: string): void {
    setCookie(reply, this.config, NAME, refreshToken, {
      maxAgeSeconds: this.config.AUTH_REFRESH_TTL_SECONDS,
      sameSite: 'strict',
    });
  }

  /** The token of the cookie. Throws ForeignOriginError when the request does not come from a page that may act for the user. */
  read(request: FastifyRequest): string | undefined {
    const token = readCookie(request, this.config, NAME);
    if (token !== undefined && !isOwnOrigin(request, this.config, this.config.CORS_ORIGINS))
      throw new ForeignOriginError();
    return token;
  }

  /** The token the browser has from an earlier sign-in, wherever the request comes from: good for nothing but ending that session. */
  held(request: FastifyRequest): string | undefined {
    return readCookie(request, this.config, NAME);
  }

  clear(reply: FastifyReply): void {
    clearCookie(reply, this.config, NAME);
  }
}
