import { Type } from 'class-transformer';
import { IsDefined, Matches, ValidateNested } from 'class-validator';
import { MoneyDto } from '../money/money.dto.js';

/** What is to be converted into what. */
export class CreateQuoteDto {
  @IsDefined()
  @ValidateNested()
  @Type(() => MoneyDto)
  from!: MoneyDto;

  /** Currency to convert into. */
  @Matches(/^[A-Z]{3}$/, { message: '$property must be a currency code of three capital letters' })
  to!: string;
}

/** A promise to convert. */
export class QuoteDto {
  id!: string;
  amountIn!: MoneyDto;
  /** Our part of `amountIn`. */
  spread!: MoneyDto;
  amountOut!: MoneyDto;
  /** Units of the target currency for one unit of the source currency, before the spread. */
  rate!: string;
  rateSetId!: string;
  expiresAt!: Date;
  status!: 'open' | 'reserved' | 'used' | 'expired';
}
