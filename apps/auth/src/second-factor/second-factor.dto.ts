import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length, MaxLength } from 'class-validator';

/** A code of the authenticator app, or a recovery code. */
export class CodeDto {
  @ApiProperty({ example: '123456' })
  @IsString()
  @Length(6, 40)
  readonly code!: string;
}

/** A code for the challenge that signing in answered. */
export class MeetChallengeDto extends CodeDto {
  @IsString()
  @MaxLength(200)
  readonly challenge!: string;
}

/** The secret for an authenticator app. */
export class TotpSecretDto {
  @ApiProperty({ description: 'Base32, for typing in' })
  readonly secret!: string;
  @ApiProperty({ description: 'otpauth:// address, for a QR code' })
  readonly uri!: string;
}

/** Codes for the day the phone is lost, each good for once. Shown this once. */
export class RecoveryCodesDto {
  readonly recoveryCodes!: string[];
}
