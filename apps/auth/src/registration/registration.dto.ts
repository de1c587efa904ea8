import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { type Locale, LOCALES } from '#libs/contracts';
import { EmailField } from '../users/email.decorator.js';

/** A sign-up. */
export class RegisterDto {
  @EmailField()
  readonly email!: string;

  @ApiProperty({
    minLength: 10,
    maxLength: 128,
    description: '10 to 128 characters of any kind; not a common password',
  })
  @IsString()
  @MaxLength(1024)
  readonly password!: string;

  @ApiProperty({
    enum: LOCALES,
    required: false,
    description: 'Locale of the mails; by default from Accept-Locale',
  })
  @IsOptional()
  @IsIn(LOCALES)
  readonly locale?: Locale;
}

/** A request for a mail to an address. */
export class ResendVerificationDto {
  @EmailField()
  readonly email!: string;
}

/** The answer that is the same for every address. */
export class AcceptedDto {
  readonly message = 'If the address can be used, a mail is on its way to it.';
}

/** The token of a link. */
export class VerifyEmailDto {
  @IsString()
  @MaxLength(200)
  readonly token!: string;
}

/** The address is proved. */
export class VerifiedDto {
  readonly verified = true;
  /** False: somebody else had signed up with the address too, so its owner sets a password by "forgotten password". */
  readonly hasPassword: boolean;

  constructor({ hasPassword }: { hasPassword: boolean }) {
    this.hasPassword = hasPassword;
  }
}
