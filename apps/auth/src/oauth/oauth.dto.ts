import { IsOptional, IsString, MaxLength } from 'class-validator';
import { SignInDto } from '../sign-in/sign-in.dto.js';

/** The login page's form. */
export class SignInFormDto extends SignInDto {
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  readonly returnTo?: string;
}
