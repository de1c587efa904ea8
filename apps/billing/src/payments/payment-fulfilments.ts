import { Injectable } from '@nestjs/common';
import type { Payment, PaymentPurpose, RefundDue } from './payment.js';

/** What a feature does once its payment is captured. */
export interface PaymentFulfilment {
  /**
   * Runs inside the ambient transaction that also marks the payment as succeeded, exactly once per payment; returns the ledger
   * transaction. A DomainError of kind `unavailable` (or an unknown error) means another try later; every other DomainError sends
   * the payment to review with the money recorded at the provider only. `refundDue` sends the money back once it is booked.
   */
  fulfil(payment: Payment): Promise<{ transactionId: string; refundDue?: RefundDue | undefined }>;
  /** Frees what `onCreated` reserved, in the ambient transaction that gives up a payment nobody could ever make. */
  letGo?(payment: Payment): Promise<void>;
  /** Without it, payments of the purpose cannot be refunded by us. */
  reversal?: PaymentReversal;
}

/** How what a payment bought is taken back. */
export interface PaymentReversal {
  /**
   * Takes back what the payment had bought, in proportion to the money that leaves, in the ambient transaction; what the user has spent
   * already becomes a debt. Must not fail: the money is gone whatever we say. Returns what was taken in the credited currency.
   */
  takeBack(payment: Payment, taking: TakingBack): Promise<{ transactionId: string; clawedMinor: bigint }>;
  /** Undoes one taking, whose money came back to us (a refund that failed, a dispute won late). */
  giveBack(payment: Payment, returning: GivingBack): Promise<{ transactionId: string; returnedMinor: bigint }>;
  /** What to hold while a dispute over this amount is open; undefined when there is nothing that could be held. */
  atStake(payment: Payment, amountMinor: bigint): Promise<{ accountId: string; amountMinor: bigint } | undefined>;
}

/** Money of a payment that goes back to the payer. Amounts without another word are in the payment's currency. */
export interface TakingBack {
  kind: 'refund' | 'dispute';
  /** Unique: the same key is the same taking. */
  key: string;
  amountMinor: bigint;
  /** All that was taken before, and what that was in the credited currency. */
  takenBeforeMinor: bigint;
  clawedBeforeMinor: bigint;
  actor: string;
  reason: string;
  /** Holds this taking spends. */
  postsHolds: string[];
}

/** A taking that is to be undone. */
export interface GivingBack {
  kind: 'refund' | 'dispute';
  key: string;
  takenTransactionId: string;
  reason: string;
}

/** Who fulfils which purpose. Features register in their `onModuleInit`. */
@Injectable()
export class PaymentFulfilments {
  private readonly byPurpose = new Map<PaymentPurpose, PaymentFulfilment>();

  /** Throws when the purpose is taken: a captured payment has one effect. */
  register(purpose: PaymentPurpose, fulfilment: PaymentFulfilment): void {
    if (this.byPurpose.has(purpose)) throw new Error(`Two fulfilments for ${purpose} payments`);
    this.byPurpose.set(purpose, fulfilment);
  }

  /** How payments of a purpose are taken back; undefined when they are not. */
  reversalOf(purpose: PaymentPurpose): PaymentReversal | undefined {
    return this.of(purpose).reversal;
  }

  /** Throws when nobody registered. */
  of(purpose: PaymentPurpose): PaymentFulfilment {
    const fulfilment = this.byPurpose.get(purpose);
    if (!fulfilment) throw new Error(`Nobody fulfils ${purpose} payments`);
    return fulfilment;
  }
}
