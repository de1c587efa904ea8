import { IsIn, IsISO8601, IsString, IsUUID, MaxLength } from 'class-validator';
import { Contract, type Facts } from './contract.js';
import { IsCurrencyCode, IsMinorUnits } from './fields.js';

@Contract({
  name: 'billing.refund.issued',
  version: 1,
  description: 'Money of a payment is on its way back to the payer. The aggregate is the refund.',
})
export class RefundIssuedV1 {
  @IsUUID() refundId!: string;
  @IsUUID() paymentId!: string;
  @IsUUID() userId!: string;
  @IsMinorUnits() refundedMinor!: string;
  @IsCurrencyCode() refundedCurrency!: string;
  @IsISO8601() issuedAt!: string;

  constructor(facts: Facts<RefundIssuedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'billing.refund.failed',
  version: 1,
  description:
    "A refund did not reach the payer; what it had taken back is the user's again. The aggregate is the refund.",
})
export class RefundFailedV1 {
  @IsUUID() refundId!: string;
  @IsUUID() paymentId!: string;
  @IsUUID() userId!: string;
  @IsMinorUnits() refundedMinor!: string;
  @IsCurrencyCode() refundedCurrency!: string;
  @IsISO8601() failedAt!: string;

  constructor(facts: Facts<RefundFailedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'billing.dispute.opened',
  version: 1,
  description: "The payer's bank disputes a payment; what it bought may be held until the bank decides.",
})
export class DisputeOpenedV1 {
  /** As the payment provider names it. */
  @IsString() @MaxLength(255) disputeId!: string;
  @IsUUID() paymentId!: string;
  @IsUUID() userId!: string;
  @IsMinorUnits() disputedMinor!: string;
  @IsCurrencyCode() disputedCurrency!: string;
  @IsISO8601() openedAt!: string;

  constructor(facts: Facts<DisputeOpenedV1>) {
    Object.assign(this, facts);
  }
}

@Contract({
  name: 'billing.dispute.closed',
  version: 1,
  description:
    "The payer's bank has decided a dispute: lost, the money is the payer's; won, it stays. An appeal may close it again.",
})
export class DisputeClosedV1 {
  /** As the payment provider names it. */
  @IsString() @MaxLength(255) disputeId!: string;
  @IsUUID() paymentId!: string;
  @IsUUID() userId!: string;
  @IsMinorUnits() disputedMinor!: string;
  @IsCurrencyCode() disputedCurrency!: string;
  @IsIn(['won', 'lost']) outcome!: 'won' | 'lost';
  @IsISO8601() closedAt!: string;

  constructor(facts: Facts<DisputeClosedV1>) {
    Object.assign(this, facts);
  }
}
