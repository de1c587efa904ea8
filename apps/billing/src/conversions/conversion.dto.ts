import { Uuid } from '#libs/http';
import { MoneyDto } from '../money/money.dto.js';

/** Which promise to make good. */
export class CreateConversionDto {
  @Uuid()
  quoteId!: string;
}

/** A conversion that was made. */
export class ConversionDto {
  transactionId!: string;
  quoteId!: string;
  amountIn!: MoneyDto;
  spread!: MoneyDto;
  amountOut!: MoneyDto;
  rate!: string;
}
