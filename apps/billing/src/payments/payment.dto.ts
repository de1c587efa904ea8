import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional, Length, Matches } from 'class-validator';
import { PageLimit, Uuid } from '#libs/http';
import { MoneyDto } from '../money/money.dto.js';
import { PAYMENT_STATUSES, type PaymentPurpose, type PaymentStatus, type RefundDue } from './payment.js';

/** Which payments are wanted; all of it optional. */
export class SearchPaymentsDto {
  @IsOptional()
  @IsIn(PAYMENT_STATUSES)
  status?: PaymentStatus;

  @IsOptional()
  @Uuid()
  userId?: string;

  /** A session or payment intent of the provider. */
  @IsOptional()
  @Matches(/^[A-Za-z0-9_]{3,255}$/)
  providerId?: string;

  /** true: only payments of blocked or deleted users and second payments for one order, of which not all has gone back. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  refundDue?: boolean;

  @PageLimit(200)
  limit: number = 50;

  @IsOptional()
  @Uuid()
  cursor?: string;
}

/** Why nothing is given back. */
export class DismissRefundDto {
  @Length(3, 500)
  reason!: string;
}

/** A payment as administrators see it. */
export class PaymentDto {
  id!: string;
  userId!: string;
  purpose!: PaymentPurpose;
  status!: PaymentStatus;
  amount!: MoneyDto;
  /** What has been taken back in our books. */
  taken!: MoneyDto;
  refundRequested!: MoneyDto;
  refundedByProvider!: MoneyDto;
  disputed!: MoneyDto;
  description!: string;
  sessionId!: string | null;
  intentId!: string | null;
  transactionId!: string | null;
  reviewReason!: string | null;
  /** Why the money is to go back: its user was blocked or deleted when it came, or it was paid for one order twice. */
  refundDue!: RefundDue | null;
  createdAt!: Date;
  settledAt!: Date | null;
}

/** A page of payments, newest first. */
export class PaymentPageDto {
  items!: PaymentDto[];
  nextCursor!: string | null;
}

/** Something that happened to a payment. */
export class TimelineItemDto {
  at!: Date;
  what!: string;
  actor!: string;
  @ApiProperty({ type: 'object', additionalProperties: true })
  details!: object;
}

/** A payment with everything that happened to it. */
export class PaymentDetailsDto {
  payment!: PaymentDto;
  timeline!: TimelineItemDto[];
}

/** A message of the provider as it was kept. */
export class ProviderEventDto {
  id!: string;
  type!: string;
  objectId!: string;
  receivedAt!: Date;
  status!: string;
  attempts!: number;
  lastError!: string | null;
}

/** Messages of the provider. */
export class ProviderEventListDto {
  items!: ProviderEventDto[];
}
