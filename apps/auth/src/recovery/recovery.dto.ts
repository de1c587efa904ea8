import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { EmailField } from '../users/email.decorator.js';

/** A password nobody remembers. */
export class ForgotPasswordDto {
  @EmailField()
  readonly email!: string;
}

/** The answer that is the same for every address. */
export class RecoveryAcceptedDto {
  readonly message = 'If there is an account with this address, a mail is on its way to it.';
}

/** A new password, by the link of the mail. */
export class ResetPasswordDto {
  @IsString()
  @MaxLength(200)
  readonly token!: string;

  @ApiProperty({ minLength: 10, maxLength: 128 })
  @IsString()
  @MaxLength(1024)
  readonly password!: string;
}

/** The password is another one now. */
export class PasswordResetDto {
  readonly reset = true;
}

/** A new password, by the old one. */
export class ChangePasswordDto {
  @IsString()
  @MaxLength(1024)
  readonly currentPassword!: string;

  @ApiProperty({ minLength: 10, maxLength: 128 })
  @IsString()
  @MaxLength(1024)
  readonly newPassword!: string;
}
