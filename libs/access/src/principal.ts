/** Roles a user may hold. Closed list. */
export const ROLES = ['public_user', 'admin', 'super_user'] as const;

/** One of the roles. */
export type Role = (typeof ROLES)[number];

/** The signed-in user a request acts for, as the verified access token tells. */
export interface Principal {
  userId: string;
  /** The session (refresh family) the token belongs to. */
  sessionId: string;
  roles: readonly Role[];
  emailVerified: boolean;
}

/** Claims of an access token (RFC 9068 profile, `typ: at+jwt`). */
export interface AccessClaims {
  sub: string;
  sid: string;
  roles: Role[];
  email_verified: boolean;
  /** The user's epoch: a revocation voids all tokens of lower ones. */
  epoch?: number;
  iss: string;
  aud: string[];
  iat: number;
  exp: number;
  jti: string;
}

/** The `typ` header of an access token: no other kind of JWT is taken for one. */
export const ACCESS_TOKEN_TYPE = 'at+jwt';

/** The one algorithm access tokens are signed with; pinned on both sides. */
export const ACCESS_TOKEN_ALGORITHM = 'ES256';

/** Services an access token is for; each checks that it is named. */
export const ACCESS_TOKEN_AUDIENCE = ['auth', 'billing', 'notification'] as const;

/** The name under which a service appears in the audience. */
export type Audience = (typeof ACCESS_TOKEN_AUDIENCE)[number];
