import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader } from '@nestjs/swagger';
import {
  ACCESS_RULE,
  type AuthenticatedRequest,
  PUBLIC,
  SERVICE_KEY_HEADER,
  SERVICES_TOO,
  WEIGHTY,
} from './access-rule.js';
import type { Principal, Role } from './principal.js';

/** Anybody may call this route (or every route of this controller). */
export const Public = (): ClassDecorator & MethodDecorator => SetMetadata(ACCESS_RULE, PUBLIC);

/** Only users with at least one of these roles may call this route. */
export const Roles = (...roles: [Role, ...Role[]]): ClassDecorator & MethodDecorator =>
  applyDecorators(SetMetadata(ACCESS_RULE, roles), ApiBearerAuth());

/** Every signed-in user may call this route, whatever the role. */
export const SignedIn = (): ClassDecorator & MethodDecorator => Roles('public_user', 'admin', 'super_user');

/**
 * A route that moves money: it answers 503 once revocations have not been known for a minute, because auth is away. Routes for
 * administrators alone are closed then without it.
 */
export const Weighty = (): MethodDecorator => SetMetadata(WEIGHTY, true);

/** Services may call this route as well, each with a key of its own; the handler then has no `@CurrentUser()`. */
export const ServicesToo = (): MethodDecorator =>
  applyDecorators(
    SetMetadata(SERVICES_TOO, true),
    ApiHeader({ name: SERVICE_KEY_HEADER, required: false, description: 'The key of a service, in place of a token.' }),
  );

/** Injects the signed-in user (a Principal) into a handler of a route that is not public. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!principal) throw new Error('@CurrentUser() stands on a public route');
  return principal;
});
