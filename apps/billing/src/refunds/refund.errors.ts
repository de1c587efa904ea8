import { DomainError } from '#libs/errors';

export class PaymentNotRefundableError extends DomainError {
  constructor(why: string) {
    super('refund.not_possible', 'conflict', `This payment cannot be refunded: ${why}.`);
  }
}

/** More than is left of the payment. */
export class RefundExceedsPaymentError extends DomainError {
  constructor(left: { amount: string; currency: string }) {
    super(
      'refund.exceeds_payment',
      'conflict',
      `Only ${left.amount} ${left.currency} of the payment are left to refund.`,
      {
        meta: { left },
      },
    );
  }
}
