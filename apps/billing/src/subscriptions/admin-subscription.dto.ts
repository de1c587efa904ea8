import { IsIn, IsISO8601, IsUUID, Length } from 'class-validator';
import { MoneyDto } from '../money/money.dto.js';

export class UserQueryDto {
  @IsUUID()
  userId!: string;
}

export class GrantSubscriptionDto {
  @IsUUID()
  userId!: string;

  @IsUUID()
  planId!: string;

  @Length(3, 500)
  reason!: string;
}

export class RevokePeriodDto {
  @IsUUID()
  userId!: string;

  @Length(3, 500)
  reason!: string;
}

export class AdminRefundPeriodDto extends RevokePeriodDto {
  /** The whole price, or that of the months not begun. */
  @IsIn(['whole', 'unused_months'])
  policy!: 'whole' | 'unused_months';
}

export class RevenueQueryDto {
  @IsISO8601({ strict: true })
  from!: string;

  @IsISO8601({ strict: true })
  to!: string;
}

export class PlanTotalsDto {
  planId!: string;
  product!: string;
  name!: string;
  termMonths!: number;
  /** Periods that run now. */
  running!: number;
  sold!: number;
  paid!: MoneyDto;
  earned!: MoneyDto;
  refunded!: MoneyDto;
}

export class PlansTotalsDto {
  items!: PlanTotalsDto[];
}

export class DayRevenueDto {
  /** The UTC day. */
  day!: string;
  earned!: MoneyDto;
}

export class RevenueDto {
  items!: DayRevenueDto[];
}
