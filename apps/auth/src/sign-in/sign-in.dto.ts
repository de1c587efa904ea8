import { ApiProperty } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { EmailField } from '../users/email.decorator.js';

/** Address and password. */
export class SignInDto {
  @EmailField()
  readonly email!: string;

  @ApiProperty({ maxLength: 128 })
  @IsString()
  @MaxLength(1024)
  readonly password!: string;
}
