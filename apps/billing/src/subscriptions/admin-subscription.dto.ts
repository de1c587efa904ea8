import { IsIn, IsISO8601, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { PageLimit, Uuid } from '#libs/http';
import { MoneyDto } from '../money/money.dto.js';

const DAY = { message: '$property must be a day: 2026-01-31' };

export class UserQueryDto {
  @Uuid()
  userId!: string;
}

export class GrantSubscriptionDto {
  @Uuid()
  userId!: string;

  @Uuid()
  planId!: string;

  @Length(3, 500)
  reason!: string;
}

export class RevokePeriodDto {
  @Uuid()
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

/** Which holders are wanted; all of it optional. */
export class SearchHoldersDto {
  @IsOptional()
  @Uuid()
  planId?: string;

  /** In paid time, or in grace after it while a renewal waits for money. */
  @IsOptional()
  @IsIn(['active', 'grace'])
  state?: 'active' | 'grace';

  @PageLimit(200)
  limit: number = 50;

  @IsOptional()
  @IsString()
  @MaxLength(200)
  cursor?: string;
}

/** Who has access, by which period. */
export class HolderDto {
  userId!: string;
  subscriptionId!: string;
  periodId!: string;
  product!: string;
  planId!: string;
  planName!: string;
  termMonths!: number;
  startsAt!: Date;
  endsAt!: Date;
  state!: 'active' | 'grace';
  /** End of all that is paid, later periods included. */
  paidUntil!: Date;
  graceUntil!: Date | null;
  /** Whether automatic renewal is agreed to. */
  renews!: boolean;
  paidWith!: 'card' | 'balance' | 'renewal' | 'grant';
}

/** A page of holders, the next to end first. */
export class HolderPageDto {
  items!: HolderDto[];
  nextCursor!: string | null;
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
