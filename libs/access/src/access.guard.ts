import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { requestContext } from '#libs/telemetry';
import {
  ACCESS_RULE,
  type AuthenticatedRequest,
  PUBLIC,
  SERVICE_KEY_HEADER,
  SERVICES_TOO,
  WEIGHTY,
} from './access-rule.js';
import { ForbiddenError, UnauthenticatedError } from './access.errors.js';
import type { Role } from './principal.js';
import { RevocationList } from './revocations/revocation-list.js';
import { ServiceKeys } from './service-keys.js';
import { TokenVerifier } from './token-verifier.js';

/**
 * The one guard in front of every route: public, or a valid token with one of the roles, or where services are welcome a key of one.
 * Global, never path-based. Administrators' routes and those marked `@Weighty()` also need a list of revocations that is
 * not older than a minute; the rest goes on for as long as tokens live.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly verifier: TokenVerifier,
    private readonly services: ServiceKeys,
    private readonly revocations: RevocationList,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const rule = this.reflector.getAllAndOverride<readonly Role[] | typeof PUBLIC | undefined>(ACCESS_RULE, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (rule === PUBLIC) return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const key = request.headers[SERVICE_KEY_HEADER];
    if (key !== undefined && this.reflector.get<true | undefined>(SERVICES_TOO, context.getHandler())) {
      request.service = this.known(String(key));
      return true;
    }
    request.principal = await this.verifier.verify(bearerToken(request));
    if (!rule || !request.principal.roles.some((role) => rule.includes(role))) throw new ForbiddenError();
    const weighty = this.reflector.get<true | undefined>(WEIGHTY, context.getHandler());
    if (weighty || !rule.includes('public_user')) this.revocations.assertCurrent();
    return true;
  }

  /** The service that calls, by name; from now on whatever is written about the request names it. */
  private known(key: string): string {
    const name = this.services.nameOf(key);
    if (name === undefined) throw new UnauthenticatedError('This service key is not known.');
    requestContext.setCaller(name);
    return name;
  }
}

/** Node takes the first of several headers, a proxy may take the last: whoever sends two is refused. */
function bearerToken(request: FastifyRequest): string {
  const { rawHeaders } = request.raw;
  let given = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) if (/^authorization$/i.test(rawHeaders[i]!)) given++;
  if (given > 1) throw new UnauthenticatedError();
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (!token) throw new UnauthenticatedError();
  return token;
}
