import { IsIn, IsISO8601, IsUUID, Length, Matches } from 'class-validator';
import { MoneyDto } from '../money/money.dto.js';

const DAY = { message: '$property must be a day: 2026-01-31' };

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

/** Days of UTC: a time without its zone would be one of the server's. */
export class RevenueQueryDto {
  @Matches(/^\d{4}-\d{2}-\d{2}$/, DAY)
  @IsISO8601({ strict: true })
  from!: string;

  @Matches(/^\d{4}-\d{2}-\d{2}$/, DAY)
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
