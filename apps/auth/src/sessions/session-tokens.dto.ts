import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import type { TokenPair } from './refresh-token.js';

/** A refresh token to spend or to give up; absent when the browser keeps it in the cookie. */
export class RefreshDto {
  @IsOptional()
  @IsString()
  @MaxLength(200)
  readonly refreshToken?: string;
}

/** The tokens of a session. */
export class SessionTokensDto {
  @ApiProperty({ description: 'JWT (RFC 9068) for the Authorization header of all three services' })
  readonly accessToken: string;
  @ApiProperty({ enum: ['Bearer'] })
  readonly tokenType: 'Bearer';
  readonly expiresInSeconds: number;
  @ApiProperty({
    required: false,
    description: 'Good for one refresh; the answer holds its successor. Absent when it is in the cookie',
  })
  readonly refreshToken?: string;

  constructor(tokens: TokenPair, where: 'body' | 'cookie' = 'body') {
    this.accessToken = tokens.accessToken;
    this.tokenType = 'Bearer';
    this.expiresInSeconds = tokens.expiresInSeconds;
    if (where === 'body') this.refreshToken = tokens.refreshToken;
  }
}
