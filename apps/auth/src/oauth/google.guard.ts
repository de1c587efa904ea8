import { type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyReply } from 'fastify';
import { AuthConfig } from '../auth.config.js';
import type { RequestWithReply } from './google-state.store.js';
import {
  GoogleNotConfiguredError,
  GoogleUnavailableError,
  OAuthCancelledError,
  OAuthCodeError,
  OAuthStateError,
} from './oauth.errors.js';

/** Runs passport's Google strategy under Fastify: gives it the little of an Express response it uses. */
@Injectable()
export class GoogleGuard extends AuthGuard('google') {
  constructor(private readonly config: AuthConfig) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (!this.config.GOOGLE_CLIENT_ID) throw new GoogleNotConfiguredError();
    return (await super.canActivate(context)) as boolean;
  }

  override getRequest(context: ExecutionContext): RequestWithReply {
    const request = context.switchToHttp().getRequest<RequestWithReply>();
    request.oauthReply = context.switchToHttp().getResponse<FastifyReply>();
    return request;
  }

  /** passport redirects by statusCode, setHeader and end. */
  getResponse(context: ExecutionContext): object {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return {
      set statusCode(status: number) {
        reply.status(status);
      },
      setHeader: (name: string, value: string) => void (name !== 'Content-Length' && reply.header(name, value)),
      end: () => void reply.send(''),
    };
  }

  override handleRequest<T>(
    error: unknown,
    user: T | false,
    info: { message?: string } | undefined,
    _context: unknown,
    status?: unknown,
  ): T {
    if (error) throw toDomainError(error);
    if (user) return user;
    throw status === 403 || info?.message === 'state' ? new OAuthStateError() : new OAuthCancelledError();
  }
}

function toDomainError(error: unknown): Error {
  const { name, code } = error as { name?: string; code?: string };
  // TokenError: Google answered and said no to the code; its other codes mean that we are set up wrongly.
  if (name === 'TokenError' && code === 'invalid_grant') return new OAuthCodeError(error);
  return new GoogleUnavailableError(error);
}
