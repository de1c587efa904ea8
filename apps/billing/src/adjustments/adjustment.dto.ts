import { Type } from 'class-transformer';
import { IsDefined, IsIn, IsOptional, Length, ValidateNested } from 'class-validator';
import { Uuid } from '#libs/http';
import { MoneyDto } from '../money/money.dto.js';

/** A correction of a user's wallet. */
export class CreateAdjustmentDto {
  @Uuid()
  userId!: string;

  @IsIn(['give', 'take'])
  direction!: 'give' | 'take';

  @IsDefined()
  @ValidateNested()
  @Type(() => MoneyDto)
  amount!: MoneyDto;

  @Length(3, 500)
  reason!: string;
}

/** Which corrections are wanted. */
export class ListAdjustmentsDto {
  @IsOptional()
  @IsIn(['waiting', 'posted', 'rejected'])
  status?: string;
}

/** A correction and where it stands. */
export class AdjustmentDto {
  id!: string;
  userId!: string;
  /** Negative when it was taken. */
  amount!: MoneyDto;
  reason!: string;
  status!: 'waiting' | 'posted' | 'rejected';
  requestedBy!: string;
  decidedBy!: string | null;
  transactionId!: string | null;
  requestedAt!: Date;
}

/** Corrections, the newest first. */
export class AdjustmentListDto {
  items!: AdjustmentDto[];
}
