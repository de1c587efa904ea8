import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ACCESS_RULE, type AuthenticatedRequest, PUBLIC } from './access-rule.js';
import { ForbiddenError, UnauthenticatedError } from './access.errors.js';
import type { Role } from './principal.js';
import { TokenVerifier } from './token-verifier.js';

/** The one guard in front of every route: public, or a valid token with one of the roles. Global, never path-based. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly verifier: TokenVerifier,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const rule = this.reflector.getAllAndOverride<readonly Role[] | typeof PUBLIC | undefined>(ACCESS_RULE, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (rule === PUBLIC) return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    request.principal = await this.verifier.verify(bearerToken(request));
    if (!rule || !request.principal.roles.some((role) => rule.includes(role))) throw new ForbiddenError();
    return true;
  }
}

function bearerToken(request: FastifyRequest): string {
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (!token) throw new UnauthenticatedError();
  return token;
}
