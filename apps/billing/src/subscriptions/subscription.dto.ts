import { IsIn, IsUUID, Matches } from 'class-validator';
import { MoneyDto } from '../money/money.dto.js';

export class BuySubscriptionDto {
  @IsUUID()
  planId!: string;

  /** One of the plan's price currencies. */
  @Matches(/^[A-Z]{3}$/, { message: '$property must be a currency code of three capital letters' })
  currency!: string;

  @IsIn(['card'])
  payWith!: 'card';
}

export class SubscriptionCheckoutDto {
  paymentId!: string;
  /** Where the customer pays. */
  checkoutUrl!: string;
}

export class SubscriptionPeriodDto {
  id!: string;
  planId!: string;
  planName!: string;
  termMonths!: number;
  startsAt!: string;
  /** The moment itself does not belong to the period. */
  endsAt!: string;
  status!: 'active' | 'revoked';
  paidWith!: 'card' | 'balance' | 'renewal' | 'grant';
  paid!: MoneyDto;
  paymentId!: string | null;
}

export class SubscriptionDto {
  id!: string;
  product!: string;
  status!: 'active' | 'ended';
  /** End of the last period; null when none counts any more. */
  paidUntil!: string | null;
  periods!: SubscriptionPeriodDto[];
}

export class SubscriptionsDto {
  items!: SubscriptionDto[];
}
