import { IsOptional, Length, Matches } from 'class-validator';

/** What a user says about themselves; all of it optional. */
export class SaveProfileDto {
  @IsOptional()
  @Length(1, 100)
  @Matches(/^\P{C}+$/u, { message: '$property must not hold control characters' })
  displayName?: string;

  /** ISO 3166-1 alpha-2, two capitals. */
  @IsOptional()
  @Matches(/^[A-Z]{2}$/, { message: '$property must be a country code of two capital letters' })
  country?: string;
}

/** A billing profile. */
export class ProfileDto {
  userId!: string;
  displayName!: string | null;
  country!: string | null;
  createdAt!: Date;
}
