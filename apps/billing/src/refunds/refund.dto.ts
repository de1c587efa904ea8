import { Type } from 'class-transformer';
import { IsOptional, Length, ValidateNested } from 'class-validator';
import { MoneyDto } from '../money/money.dto.js';

/** A refund to be made. */
export class CreateRefundDto {
  /** All that is left when absent. */
  @IsOptional()
  @ValidateNested()
  @Type(() => MoneyDto)
  amount?: MoneyDto;

  @Length(3, 500)
  reason!: string;
}

/** A refund and where it stands. */
export class RefundDto {
  id!: string;
  paymentId!: string;
  amount!: MoneyDto;
  status!: 'requested' | 'pending' | 'succeeded' | 'failed';
  reason!: string;
  requestedBy!: string;
  failure!: string | null;
  createdAt!: Date;
}

/** The refunds of a payment. */
export class RefundListDto {
  items!: RefundDto[];
}
