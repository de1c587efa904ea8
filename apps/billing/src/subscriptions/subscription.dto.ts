import { IsIn, IsOptional, Length, Matches } from 'class-validator';
import { Uuid } from '#libs/http';
import { MoneyDto } from '../money/money.dto.js';

const CURRENCY = { message: '$property must be a currency code of three capital letters' };

/** A choice of what to pay in, at which price. */
class PlanChoiceDto {
  @Uuid()
  planId!: string;

  /** One of the plan's price currencies. */
  @Matches(/^[A-Z]{3}$/, CURRENCY)
  currency!: string;

  /** The price that was shown, as `GET /plans` wrote it: when it holds no more, 409 `plan.price_changed` tells the present one. */
  @IsOptional()
  @Length(1, 22)
  shownAmount?: string;
}

export class BuySubscriptionDto extends PlanChoiceDto {
  /** By card on the provider's page, or from the balance in that currency. */
  @IsIn(['card', 'balance'])
  payWith!: 'card' | 'balance';
}

/** Renewals are paid from the balance in the currency that is chosen. */
export class RenewSubscriptionDto extends PlanChoiceDto {}

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

export class SubscriptionCheckoutDto {
  /** The payment to be made; null when the balance has paid. */
  paymentId!: string | null;
  /** Where the customer pays; null when the balance has paid. */
  checkoutUrl!: string | null;
  /** What was bought; null until the card has paid. */
  period!: SubscriptionPeriodDto | null;
}

export class RenewalDto {
  planId!: string;
  planName!: string;
  termMonths!: number;
  /** What a renewal takes at most. */
  price!: MoneyDto;
  consentedAt!: string;
  /** Next try; null when there is none. */
  tryAt!: string | null;
  /** Why the last try failed. */
  failure!: 'insufficient_funds' | 'price_raised' | 'plan_ended' | 'account_unusable' | null;
}

export class SubscriptionDto {
  id!: string;
  product!: string;
  /** `grace`: the paid time is over and a renewal waits for money. */
  status!: 'active' | 'grace' | 'ended';
  /** End of the last paid period; null when none counts any more. */
  paidUntil!: string | null;
  graceUntil!: string | null;
  renewal!: RenewalDto | null;
  periods!: SubscriptionPeriodDto[];
}

export class SubscriptionsDto {
  items!: SubscriptionDto[];
}

export class SubscriptionIdDto {
  @Uuid()
  id!: string;
}

export class RefundPeriodDto {
  @IsOptional()
  @Length(3, 500)
  reason?: string;
}

export class RefundedPeriodDto {
  amount!: MoneyDto;
  /** Back to the card, or into the balance it was paid from. */
  to!: 'card' | 'balance';
}
