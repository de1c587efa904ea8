export { CurrentUser, Public, Roles, SignedIn } from './access.decorators.js';
export { ForbiddenError, KeysUnavailableError, UnauthenticatedError } from './access.errors.js';
export { type AccessOptions, AccessModule } from './access.module.js';
export { KeySource, type PublicJwk } from './key-source.js';
export {
  ACCESS_TOKEN_ALGORITHM,
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_TYPE,
  type AccessClaims,
  type Principal,
  type Role,
  ROLES,
} from './principal.js';
export { TokenVerifier } from './token-verifier.js';
