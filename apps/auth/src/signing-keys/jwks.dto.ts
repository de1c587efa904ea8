import { ApiProperty } from '@nestjs/swagger';
import type { PublicJwk } from '#libs/access';

/** A public key (RFC 7517). */
class JwkDto {
  @ApiProperty({ enum: ['EC'] }) readonly kty!: string;
  @ApiProperty({ enum: ['P-256'] }) readonly crv!: string;
  readonly x!: string;
  readonly y!: string;
  readonly kid!: string;
  @ApiProperty({ enum: ['sig'] }) readonly use!: string;
  @ApiProperty({ enum: ['ES256'] }) readonly alg!: string;
}

/** The keys that verify access tokens. */
export class JwksDto {
  @ApiProperty({ type: [JwkDto] })
  readonly keys: readonly PublicJwk[];

  constructor(keys: readonly PublicJwk[]) {
    this.keys = keys;
  }
}
