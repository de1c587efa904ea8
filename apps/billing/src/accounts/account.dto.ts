import { Matches } from 'class-validator';
import { MoneyDto } from '../money/money.dto.js';

/** Which account to open. */
export class OpenAccountDto {
  @Matches(/^[A-Z]{3}$/, { message: '$property must be a currency code of three capital letters' })
  currency!: string;
}

/** An account with what is in it. */
export class AccountDto {
  id!: string;
  currency!: string;
  /** `debt`: what the user owes us after money was taken back that had been spent; its balance is zero or below. */
  kind!: 'wallet' | 'debt';
  status!: 'open' | 'frozen' | 'closed';
  balance!: MoneyDto;
  /** Part of the balance that cannot be spent now. */
  held!: MoneyDto;
  openedAt!: Date;
}

/** A user's accounts. */
export class AccountListDto {
  items!: AccountDto[];
}
