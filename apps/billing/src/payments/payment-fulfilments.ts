import { Injectable } from '@nestjs/common';
import type { Payment, PaymentPurpose } from './payment.js';

/** What a feature does once its payment is captured. */
export interface PaymentFulfilment {
  /**
   * Runs inside the ambient transaction that also marks the payment as succeeded, exactly once per payment; returns the ledger
   * transaction. A DomainError of kind `unavailable` (or an unknown error) means another try later; every other DomainError sends
   * the payment to review with the money recorded at the provider only.
   */
  fulfil(payment: Payment): Promise<{ transactionId: string }>;
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

  /** Throws when nobody registered. */
  of(purpose: PaymentPurpose): PaymentFulfilment {
    const fulfilment = this.byPurpose.get(purpose);
    if (!fulfilment) throw new Error(`Nobody fulfils ${purpose} payments`);
    return fulfilment;
  }
}
