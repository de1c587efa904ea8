export { CurrentUser, Public, Roles, ServicesToo, SignedIn, Weighty } from './access.decorators.js';
export { KeysUnavailableError } from './access.errors.js';
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
export {
  encodeRevocation,
  type Revocation,
  REVOCATION_LIFE_MS,
  REVOCATIONS_MARK_REDIS_KEY,
  REVOCATIONS_REDIS_KEY,
  sessionKey,
  userKey,
} from './revocations/revocation.js';
export { RevocationList } from './revocations/revocation-list.js';
export { RevocationSource } from './revocations/revocation-source.js';
export { TokenVerifier } from './token-verifier.js';
