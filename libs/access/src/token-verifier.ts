import type { KeyObject } from 'node:crypto';
import { Injectable, Optional } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { LRUCache } from 'lru-cache';
import { UnauthenticatedError } from './access.errors.js';
import { KeySource } from './key-source.js';
import {
  ACCESS_TOKEN_ALGORITHM,
  ACCESS_TOKEN_TYPE,
  type AccessClaims,
  type Audience,
  type Principal,
  ROLES,
} from './principal.js';
import { sessionKey, userKey } from './revocations/revocation.js';
import { type Revocable, RevocationList } from './revocations/revocation-list.js';

/** Whom tokens must come from, and for whom they must be. */
export abstract class TokenExpectations {
  abstract readonly issuer: string;
  abstract readonly audience: Audience;
}

interface Verified {
  principal: Principal;
  expiresAtMs: number;
  revocable: Revocable;
}

const MAX_TOKEN_LENGTH = 4096;

/**
 * Verifies access tokens: signature, algorithm, type, issuer, audience, time, and that they were not revoked. A verified token is
 * remembered until it expires; whether it was revoked is asked every time.
 */
@Injectable()
export class TokenVerifier {
  private readonly verified = new LRUCache<string, Verified>({ max: 10_000 });

  constructor(
    private readonly jwt: JwtService,
    private readonly keys: KeySource,
    private readonly expected: TokenExpectations,
    @Optional() private readonly revocations?: RevocationList,
  ) {}

  /**
   * The user a token stands for. Throws UnauthenticatedError, or KeysUnavailableError or RevocationsUnavailableError when that
   * cannot be known.
   */
  async verify(token: string): Promise<Principal> {
    const { principal, revocable } = this.remembered(token) ?? this.remember(token, await this.check(token));
    if (this.revocations?.isRevoked(revocable)) throw new UnauthenticatedError();
    return principal;
  }

  private remembered(token: string): Verified | undefined {
    const known = this.verified.get(token);
    if (known && known.expiresAtMs <= Date.now()) {
      this.verified.delete(token);
      return undefined;
    }
    return known;
  }

  private remember(token: string, claims: AccessClaims): Verified {
    const principal: Principal = Object.freeze({
      userId: claims.sub,
      sessionId: claims.sid,
      roles: Object.freeze([...claims.roles]),
      emailVerified: claims.email_verified,
    });
    const revocable = { userKey: userKey(claims.sub), sessionKey: sessionKey(claims.sid), epoch: claims.epoch ?? 0 };
    const verified = { principal, expiresAtMs: claims.exp * 1000, revocable };
    this.verified.set(token, verified);
    return verified;
  }

  private async check(token: string): Promise<AccessClaims> {
    if (token.length > MAX_TOKEN_LENGTH) throw new UnauthenticatedError();
    const kid = this.keyIdOf(token);
    const key = await this.keys.find(kid);
    if (!key) throw new UnauthenticatedError();
    return this.claimsOf(token, key);
  }

  private keyIdOf(token: string): string {
    const decoded = this.decodeHeader(token);
    const known = decoded?.alg === ACCESS_TOKEN_ALGORITHM && decoded.typ === ACCESS_TOKEN_TYPE && !('crit' in decoded);
    if (!known || typeof decoded.kid !== 'string' || decoded.kid.length > 64) throw new UnauthenticatedError();
    return decoded.kid;
  }

  private decodeHeader(token: string): Record<string, unknown> | undefined {
    try {
      return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as Record<string, unknown>;
    } catch {
      return undefined;
    }
  }

  private async claimsOf(token: string, key: KeyObject): Promise<AccessClaims> {
    let claims: AccessClaims;
    try {
      claims = await this.jwt.verifyAsync<AccessClaims>(token, {
        // @nestjs/jwt declares text or bytes only, but hands the key to jsonwebtoken, which takes a KeyObject.
        publicKey: key as unknown as Buffer,
        algorithms: [ACCESS_TOKEN_ALGORITHM],
        issuer: this.expected.issuer,
        audience: this.expected.audience,
      });
    } catch {
      throw new UnauthenticatedError();
    }
    if (!isWellFormed(claims)) throw new UnauthenticatedError();
    return claims;
  }
}

/** jsonwebtoken lets a token without `exp` pass, and does not look at our own claims at all. */
function isWellFormed(claims: Partial<AccessClaims>): claims is AccessClaims {
  const { sub, sid, roles, email_verified: emailVerified, exp, epoch } = claims;
  return (
    typeof sub === 'string' &&
    typeof sid === 'string' &&
    Array.isArray(roles) &&
    roles.every((role) => ROLES.includes(role)) &&
    typeof emailVerified === 'boolean' &&
    typeof exp === 'number' &&
    Number.isSafeInteger(exp) &&
    (epoch === undefined || Number.isSafeInteger(epoch))
  );
}
