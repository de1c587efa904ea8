import { Type } from 'class-transformer';
import { IsDefined, ValidateIf, ValidateNested } from 'class-validator';
import { Uuid } from '#libs/http';
import { MoneyDto } from '../money/money.dto.js';
import type { PaymentStatus } from '../payments/payment.js';

/** Either `quoteId`, or `amount` for a top-up without conversion. */
export class CreateTopUpDto {
  @ValidateIf((body: CreateTopUpDto) => body.amount === undefined || body.quoteId !== undefined)
  @Uuid({ message: 'quoteId must be the id of a quote; or give an amount instead' })
  quoteId?: string;

  @ValidateIf((body: CreateTopUpDto) => body.amount !== undefined)
  @IsDefined()
  @ValidateNested()
  @Type(() => MoneyDto)
  amount?: MoneyDto;
}

/** A top-up and where it stands. */
export class TopUpDto {
  id!: string;
  status!: PaymentStatus;
  /** What the card is charged. */
  amount!: MoneyDto;
  /** What arrives on the account. */
  credits!: MoneyDto;
  /** The provider's page, while the top-up can be paid. */
  checkoutUrl!: string | null;
  expiresAt!: Date;
  transactionId!: string | null;
}
