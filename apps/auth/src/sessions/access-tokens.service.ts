import { randomInt, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import {
  ACCESS_TOKEN_ALGORITHM,
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_TYPE,
  type AccessClaims,
  type Role,
} from '#libs/access';
import { AuthConfig } from '../auth.config.js';
import { SigningKeysService } from '../signing-keys/signing-keys.service.js';

/** Whom an access token is for. */
export interface Subject {
  userId: string;
  sessionId: string;
  roles: Role[];
  emailVerified: boolean;
  tokenEpoch: number;
  /** How the session was opened. */
  methods: readonly string[];
}

/** Tokens of one moment expire spread over this share of their life, so that their clients do not all come back at once. */
const JITTER = 0.05;

@Injectable()
export class AccessTokensService {
  constructor(
    private readonly config: AuthConfig,
    private readonly jwt: JwtService,
    private readonly keys: SigningKeysService,
  ) {}

  /** Signs an access token (RFC 9068); lives up to 5 % less than AUTH_ACCESS_TTL_SECONDS. */
  async issue(subject: Subject): Promise<{ accessToken: string; expiresInSeconds: number }> {
    const { kid, key } = await this.keys.signing();
    const ttl = this.config.AUTH_ACCESS_TTL_SECONDS;
    const expiresInSeconds = ttl - randomInt(Math.floor(ttl * JITTER) + 1);
    const iat = Math.floor(Date.now() / 1000);
    const claims: AccessClaims = {
      iss: this.config.AUTH_ISSUER,
      aud: [...ACCESS_TOKEN_AUDIENCE],
      sub: subject.userId,
      sid: subject.sessionId,
      roles: this.rolesIn(subject),
      email_verified: subject.emailVerified,
      epoch: subject.tokenEpoch,
      iat,
      exp: iat + expiresInSeconds,
      jti: randomUUID(),
    };
    const accessToken = await this.jwt.signAsync(claims, {
      privateKey: key,
      algorithm: ACCESS_TOKEN_ALGORITHM,
      header: { alg: ACCESS_TOKEN_ALGORITHM, typ: ACCESS_TOKEN_TYPE, kid },
    });
    return { accessToken, expiresInSeconds };
  }

  /** Whoever guessed or stole one factor is no administrator yet. */
  private rolesIn({ roles, methods }: Subject): Role[] {
    return methods.includes('otp') ? roles : ['public_user'];
  }
}
