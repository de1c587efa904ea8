import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { type Language, LANGUAGES } from '#libs/pages';

/** What users may change about themselves. */
export class UpdateAccountDto {
  @ApiProperty({ enum: LANGUAGES })
  @IsIn(LANGUAGES)
  readonly locale!: Language;
}
