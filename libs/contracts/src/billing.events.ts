import { Type } from 'class-transformer';
import {
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { Contract, type Facts } from './contract.js';
import { IsCurrencyCode, IsMinorUnits } from './fields.js';

/** One movement of a posting: `amountMinor` from the account `debit` to the account `credit`. */
export class PostingLegV1 {
  @IsString() @MaxLength(100) leg!: string;
  @IsString() @MaxLength(200) debit!: string;
  @IsString() @MaxLength(200) credit!: string;
  @IsCurrencyCode() currency!: string;
  @IsMinorUnits() amountMinor!: string;
}

@Contract({
  name: 'billing.posting.recorded',
  version: 1,
  description:
    "A transaction changed an account's balance. Taken from a release before version 2, which says the same of all accounts together.",
})
export class PostingRecordedV1 {
  @IsUUID() transactionId!: string;
  @IsUUID() userId!: string;
  @IsUUID() accountId!: string;
  @IsCurrencyCode() currency!: string;
  @IsString() @MaxLength(60) kind!: string;
  /** 1, 2, 3 ... within the account, without a gap. */
  @IsInt() @Min(1) seq!: number;
  @IsMinorUnits() deltaMinor!: string;
  @IsMinorUnits() balanceAfterMinor!: string;
  @IsString() @Length(64, 64) hash!: string;
  @IsString() @MaxLength(64) previousHash!: string;
  @IsISO8601() recordedAt!: string;
  @IsArray() @ArrayMinSize(1) @ValidateNested({ each: true }) @Type(() => PostingLegV1) legs!: PostingLegV1[];
  @IsOptional() @IsObject() meta?: Record<string, string> | undefined;

  constructor(facts: Facts<PostingRecordedV1>) {
    Object.assign(this, facts);
  }
}

/** A line that a transaction wrote in an account. */
export class PostingEntryV2 {
  @IsUUID() accountId!: string;
  @IsCurrencyCode() currency!: string;
  /** 1, 2, 3 ... within the account, without a gap. */
  @IsInt() @Min(1) seq!: number;
  @IsMinorUnits() deltaMinor!: string;
  @IsMinorUnits() balanceAfterMinor!: string;
  @IsString() @Length(64, 64) hash!: string;
  @IsString() @MaxLength(64) previousHash!: string;
}

@Contract({
  name: 'billing.posting.recorded',
  version: 2,
  description:
    "A transaction changed balances of a user's accounts. The aggregate is the transaction, which never changes.",
})
export class PostingRecordedV2 {
  @IsUUID() transactionId!: string;
  @IsUUID() userId!: string;
  @IsString() @MaxLength(60) kind!: string;
  @IsISO8601() recordedAt!: string;
  @IsArray() @ArrayMinSize(1) @ValidateNested({ each: true }) @Type(() => PostingLegV1) legs!: PostingLegV1[];
  @IsArray() @ArrayMinSize(1) @ValidateNested({ each: true }) @Type(() => PostingEntryV2) entries!: PostingEntryV2[];
  @IsOptional() @IsObject() meta?: Record<string, string> | undefined;

  constructor(facts: Facts<PostingRecordedV2>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'billing.topup.settled',
  version: 1,
  description: 'A payment was captured and credited to an account.',
})
export class TopUpSettledV1 {
  @IsUUID() paymentId!: string;
  @IsUUID() userId!: string;
  @IsMinorUnits() paidMinor!: string;
  @IsCurrencyCode() paidCurrency!: string;
  @IsMinorUnits() creditedMinor!: string;
  @IsCurrencyCode() creditedCurrency!: string;
  @IsOptional() @IsUUID() quoteId?: string | undefined;
  @IsUUID() transactionId!: string;
  @IsISO8601() settledAt!: string;

  constructor(facts: Facts<TopUpSettledV1>) {
    Object.assign(this, facts);
  }
}

@Contract({ name: 'billing.subscription.purchased', version: 1, description: 'A user paid for a period of a plan.' })
export class SubscriptionPurchasedV1 {
  @IsUUID() subscriptionId!: string;
  @IsUUID() userId!: string;
  @IsUUID() planId!: string;
  @IsString() @MaxLength(200) productName!: string;
  @IsInt() @Min(1) termMonths!: number;
  @IsISO8601() startsAt!: string;
  @IsISO8601() endsAt!: string;
  @IsMinorUnits() paidMinor!: string;
  @IsCurrencyCode() paidCurrency!: string;
  /** Absent when paid from a balance. */
  @IsOptional() @IsUUID() paymentId?: string | undefined;

  constructor(facts: Facts<SubscriptionPurchasedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'billing.subscription.renewed',
  version: 1,
  description: 'A period was added by automatic renewal from the balance.',
})
export class SubscriptionRenewedV1 {
  @IsUUID() subscriptionId!: string;
  @IsUUID() userId!: string;
  @IsUUID() planId!: string;
  @IsString() @MaxLength(200) productName!: string;
  @IsInt() @Min(1) termMonths!: number;
  @IsISO8601() startsAt!: string;
  @IsISO8601() endsAt!: string;
  @IsMinorUnits() paidMinor!: string;
  @IsCurrencyCode() paidCurrency!: string;

  constructor(facts: Facts<SubscriptionRenewedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'billing.subscription.renewal_failed',
  version: 1,
  description: 'An automatic renewal could not be paid; at most one a day for the same reason.',
})
export class SubscriptionRenewalFailedV1 {
  @IsUUID() subscriptionId!: string;
  @IsUUID() userId!: string;
  @IsString() @MaxLength(200) productName!: string;
  @IsIn(['insufficient_funds', 'price_raised', 'plan_ended', 'account_unusable']) reason!:
    'insufficient_funds' | 'price_raised' | 'plan_ended' | 'account_unusable';
  /** What it costs now; of a plan that is gone, what was agreed to. */
  @IsMinorUnits() priceMinor!: string;
  @IsCurrencyCode() priceCurrency!: string;
  /** Access lasts until then, grace included. */
  @IsISO8601() accessUntil!: string;
  /** Absent: it is not tried again. */
  @IsOptional() @IsISO8601() nextTryAt?: string | undefined;

  constructor(facts: Facts<SubscriptionRenewalFailedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'billing.subscription.ending',
  version: 1,
  description: 'The last paid period ends in 7, 3 or 1 days.',
})
export class SubscriptionEndingV1 {
  @IsUUID() subscriptionId!: string;
  @IsUUID() userId!: string;
  @IsString() @MaxLength(200) productName!: string;
  @IsISO8601() endsAt!: string;
  @IsIn([1, 3, 7]) daysLeft!: 1 | 3 | 7;
  /** Given when it is going to be renewed from the balance: how much will be taken. */
  @IsOptional() @IsMinorUnits() renewalMinor?: string | undefined;
  @IsOptional() @IsCurrencyCode() renewalCurrency?: string | undefined;

  constructor(facts: Facts<SubscriptionEndingV1>) {
    Object.assign(this, facts);
  }
}

@Contract({ name: 'billing.subscription.ended', version: 1, description: 'The paid time and any grace are over.' })
export class SubscriptionEndedV1 {
  @IsUUID() subscriptionId!: string;
  @IsUUID() userId!: string;
  @IsString() @MaxLength(200) productName!: string;
  @IsISO8601() endedAt!: string;

  constructor(facts: Facts<SubscriptionEndedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'billing.subscription.refunded',
  version: 1,
  description: 'A period was given back, whole or in part, and its money returned.',
})
export class SubscriptionRefundedV1 {
  @IsUUID() subscriptionId!: string;
  @IsUUID() userId!: string;
  @IsString() @MaxLength(200) productName!: string;
  @IsMinorUnits() refundedMinor!: string;
  @IsCurrencyCode() refundedCurrency!: string;
  /** End of what is still paid; null: nothing is. */
  @ValidateIf((event: SubscriptionRefundedV1) => event.paidUntil !== null) @IsISO8601() paidUntil!: string | null;

  constructor(facts: Facts<SubscriptionRefundedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'billing.entitlement.changed',
  version: 1,
  description: 'What a user may watch, and until when, has changed; only the highest `version` counts.',
})
export class EntitlementChangedV1 {
  @IsUUID() userId!: string;
  @IsString() @MaxLength(100) product!: string;
  /** null: no longer. */
  @ValidateIf((event: EntitlementChangedV1) => event.activeUntil !== null) @IsISO8601() activeUntil!: string | null;
  @IsInt() @Min(1) version!: number;
  /** Why access that may be paid for is withheld; absent while it is not. */
  @IsOptional() @IsIn(['blocked', 'deleted']) withheld?: 'blocked' | 'deleted' | undefined;

  constructor(facts: Facts<EntitlementChangedV1>) {
    Object.assign(this, facts);
  }
}
