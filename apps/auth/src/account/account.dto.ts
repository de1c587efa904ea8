import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { type Locale, LOCALES } from '#libs/contracts';

/** What users may change about themselves. */
export class UpdateAccountDto {
  @ApiProperty({ enum: LOCALES })
  @IsIn(LOCALES)
  readonly locale!: Locale;
}
