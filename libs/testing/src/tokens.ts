import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import {
  ACCESS_TOKEN_ALGORITHM,
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_TYPE,
  type AccessClaims,
  KeySource,
  type Role,
} from '#libs/access';

/** Stands in for auth in tests of the other services: signs real tokens with a key of its own. */
export class TestIssuer extends KeySource {
  readonly issuer = 'http://auth.test';
  readonly kid = 'test-key';
  private readonly keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  /** Give it to the app under test as its KeySource. */
  find(kid: string): Promise<KeyObject | undefined> {
    return Promise.resolve(kid === this.kid ? this.keys.publicKey : undefined);
  }

  /** What auth would publish: the JWKS document, and that nothing was revoked. */
  jwks(): { keys: unknown[]; revocations: unknown[] } {
    const jwk = this.keys.publicKey.export({ format: 'jwk' });
    return { keys: [{ ...jwk, kid: this.kid, use: 'sig', alg: ACCESS_TOKEN_ALGORITHM }], revocations: [] };
  }

  /** An access token for a user; ten minutes long unless `claims` say otherwise. */
  token(userId: string, roles: Role[] = ['public_user'], claims: Partial<AccessClaims> = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const payload: AccessClaims = {
      sub: userId,
      sid: randomUUID(),
      roles,
      email_verified: true,
      iss: this.issuer,
      aud: [...ACCESS_TOKEN_AUDIENCE],
      iat: now,
      exp: now + 600,
      jti: randomUUID(),
      ...claims,
    };
    return jwt.sign(payload, this.keys.privateKey, {
      algorithm: ACCESS_TOKEN_ALGORITHM,
      header: { alg: ACCESS_TOKEN_ALGORITHM, typ: ACCESS_TOKEN_TYPE, kid: this.kid },
    });
  }
}
