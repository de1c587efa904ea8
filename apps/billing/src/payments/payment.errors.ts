import { DomainError } from '#libs/errors';

export class PaymentNotFoundError extends DomainError {
  constructor() {
    super('payment.not_found', 'not_found', 'There is no such payment.');
  }
}

export class CurrencyNotChargeableError extends DomainError {
  constructor(currency: string, chargeable: readonly string[]) {
    const message = `Cards cannot be charged in ${currency}, only in ${chargeable.join(', ')}.`;
    super('payment.currency_not_chargeable', 'invalid', message, { meta: { currencies: chargeable } });
  }
}

/** Below the provider's minimum or above its eight digits. */
export class AmountNotChargeableError extends DomainError {
  constructor(limits: { minimum: string; maximum: string; currency: string }) {
    super(
      'payment.amount_not_chargeable',
      'invalid',
      `A payment in ${limits.currency} can be from ${limits.minimum} to ${limits.maximum}.`,
      { meta: limits },
    );
  }
}

/** The key was used before for another order. */
export class PaymentKeyReusedError extends DomainError {
  constructor() {
    super('idempotency.key_reused', 'invalid', 'This Idempotency-Key was used before with a different request.');
  }
}

/** The session of this order has ended; a new order needs a new key. */
export class PaymentOverError extends DomainError {
  constructor(status: string) {
    super('payment.over', 'conflict', 'This payment can no longer be made. Please start again.', { meta: { status } });
  }
}

/** Money of it went back before it bought anything; a person decides about the rest. */
export class PaymentRefundedError extends DomainError {
  constructor() {
    super('payment.refunded', 'conflict', 'Money of this payment has been given back already.');
  }
}

/** The payer's bank is taking the money back, or has, before it bought anything. */
export class PaymentDisputedError extends DomainError {
  constructor() {
    super('payment.disputed', 'conflict', 'The payer disputes this payment at their bank.');
  }
}

/** The provider refuses the order as it is; trying again would not help. */
export class OrderRefusedError extends DomainError {
  constructor(message: string, cause?: unknown) {
    super('payment.refused_by_provider', 'invalid', message, { cause });
  }
}

export class ProviderEventNotFoundError extends DomainError {
  constructor() {
    super('provider_event.not_found', 'not_found', 'There is no such event waiting for a person.');
  }
}
