import { Type } from 'class-transformer';
import {
  ArrayMinSize,
  IsArray,
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
  description: "A transaction changed an account's balance. The aggregate is the account, its version is `seq`.",
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

  constructor(facts: Facts<EntitlementChangedV1>) {
    Object.assign(this, facts);
  }
}
