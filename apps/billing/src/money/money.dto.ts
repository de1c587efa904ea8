import { Matches } from 'class-validator';

/** An amount with its currency. */
export class MoneyDto {
  /** A plain decimal number, as text: "10.00". */
  @Matches(/^[0-9]{1,16}(\.[0-9]{1,4})?$/, {
    message: '$property must be a decimal number as text, "10.00" for example',
  })
  amount!: string;

  /** Three capital letters: RUB, USD, CNY, EUR, or PNT for points. */
  @Matches(/^[A-Z]{3}$/, { message: '$property must be a currency code of three capital letters' })
  currency!: string;
}
