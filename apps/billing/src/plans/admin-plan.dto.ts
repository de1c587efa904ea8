import { Type } from 'class-transformer';
import {
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { Instant } from '#libs/http';
import { MoneyDto } from '../money/money.dto.js';
import { REFUND_POLICIES, TERMS_IN_MONTHS } from './plan.js';
import { PlanDto } from './plan.dto.js';

export class PricesDto {
  /** One price per currency. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique((price: MoneyDto | undefined) => price?.currency)
  @ValidateNested({ each: true })
  @Type(() => MoneyDto)
  prices!: MoneyDto[];
}

export class CreatePlanDto extends PricesDto {
  /** Short name of the product: `cinema`. */
  @Matches(/^[a-z][a-z0-9_]{0,49}$/)
  product!: string;

  @Length(1, 100)
  productName!: string;

  @Length(1, 100)
  name!: string;

  @IsIn(TERMS_IN_MONTHS)
  termMonths!: number;

  /** Switches, limits and grades by name: texts, numbers and booleans. */
  @IsObject()
  features!: Record<string, string | number | boolean>;

  @IsInt()
  @Min(0)
  @Max(30)
  graceDays!: number;

  @IsIn(REFUND_POLICIES)
  refundPolicy!: 'whole' | 'unused_months' | 'none';

  /** The first moment of the sale; now when absent. */
  @IsOptional()
  @Instant()
  activeFrom?: Date;

  /** The moment the sale is over, later than its beginning; never when absent. */
  @IsOptional()
  @Instant()
  activeUntil?: Date;
}

export class ArchivePlanDto {
  @Length(3, 500)
  reason!: string;
}

export class RepricePlanDto extends PricesDto {
  /** As it was read together with the prices that are to be replaced. */
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  pricesVersion!: number;

  @Length(3, 500)
  reason!: string;
}

export class AdminPlanDto extends PlanDto {
  /** Grows with each new list of prices. */
  pricesVersion!: number;
  graceDays!: number;
  refundPolicy!: 'whole' | 'unused_months' | 'none';
  activeFrom!: string;
  activeUntil!: string | null;
}

export class AdminPlansDto {
  items!: AdminPlanDto[];
}
