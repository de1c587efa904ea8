import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsEmail,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
  Validate,
  ValidateIf,
  ValidateNested,
  type ValidationArguments,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { LOCALES } from '#libs/contracts';
import { ROLES } from '#libs/access';

const MOST_ADDRESSES = 5_000;
const MOST_DAYS = 3_650;

/** A product and how a user stands towards it. */
export class PlanConditionDto {
  @IsString() @Length(1, 100) product!: string;
  /** `ending`: active, and ends within `days` (7 when not given). */
  @IsIn(['active', 'ended', 'ending', 'never']) state!: 'active' | 'ended' | 'ending' | 'never';
  @IsOptional() @IsInt() @Min(1) @Max(MOST_DAYS) days?: number;
}

/** A segment without a condition would be everybody: who means that says `all`, and is asked again when it was done just before. */
@ValidatorConstraint({ name: 'hasCondition' })
class HasCondition implements ValidatorConstraintInterface {
  validate(type: unknown, { object }: ValidationArguments): boolean {
    const { roles, locales, devices, currencies, plan, unseenDays } = object as AudienceDto;
    const conditions = [roles, locales, devices, currencies, plan, unseenDays];
    return type !== 'segment' || conditions.some((condition) => condition !== undefined && condition !== null);
  }

  defaultMessage(): string {
    return 'a segment needs at least one condition';
  }
}

/** Who gets a campaign: everybody, those who meet all conditions, or those with the addresses of a list. */
export class AudienceDto {
  @IsIn(['all', 'segment', 'list']) @Validate(HasCondition) type!: 'all' | 'segment' | 'list';
  @IsOptional() @IsArray() @ArrayNotEmpty() @IsIn(ROLES, { each: true }) roles?: string[];
  @IsOptional() @IsArray() @ArrayNotEmpty() @IsIn(LOCALES, { each: true }) locales?: string[];
  /** Kinds of device users have signed in from. */
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(20)
  @IsString({ each: true })
  @Length(1, 40, { each: true })
  devices?: string[];
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(20)
  @IsString({ each: true })
  @Length(3, 3, { each: true })
  currencies?: string[];
  @IsOptional() @IsObject() @ValidateNested() @Type(() => PlanConditionDto) plan?: PlanConditionDto;
  /** Not seen for at least so many days. */
  @IsOptional() @IsInt() @Min(1) @Max(MOST_DAYS) unseenDays?: number;
  /** For `list` only. */
  @ValidateIf((audience: AudienceDto) => audience.type === 'list' || audience.addresses !== undefined)
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(MOST_ADDRESSES)
  @IsEmail({}, { each: true })
  addresses?: string[];
}
