import { DomainError } from '#libs/errors';

export class QuoteNotFoundError extends DomainError {
  constructor() {
    super('quote.not_found', 'not_found', 'There is no such quote.');
  }
}

export class QuoteExpiredError extends DomainError {
  constructor() {
    super('quote.expired', 'conflict', 'The quote has expired. Please ask for a new one.');
  }
}

export class QuoteUsedError extends DomainError {
  constructor() {
    super('quote.used', 'conflict', 'The quote has been used already. Please ask for a new one.');
  }
}

export class QuoteSameCurrencyError extends DomainError {
  constructor() {
    super('quote.same_currency', 'invalid', 'There is nothing to convert: both currencies are the same.');
  }
}

/** Points can be bought, not sold. */
export class PointsNotSoldError extends DomainError {
  constructor() {
    super('quote.points_not_sold', 'invalid', 'Points cannot be converted back into money.');
  }
}

/** The result would be less than the smallest unit, or more than the ledger takes. */
export class NotConvertibleError extends DomainError {
  constructor() {
    super(
      'quote.amount_not_convertible',
      'invalid',
      'This amount cannot be converted: the result is too small or too large.',
    );
  }
}
