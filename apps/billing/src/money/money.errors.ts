import { DomainError } from '#libs/errors';

export class AmountMalformedError extends DomainError {
  constructor(currency: string, decimals: number) {
    super(
      'amount.malformed',
      'invalid',
      `An amount in ${currency} is a decimal number with at most ${decimals} decimals, "12.50" for example.`,
      { meta: { currency, decimals } },
    );
  }
}

export class AmountOutOfRangeError extends DomainError {
  constructor(currency: string, limits: { minimum?: string; maximum?: string } = {}) {
    super('amount.out_of_range', 'invalid', `The amount in ${currency} is outside of what can be handled.`, {
      meta: { currency, ...limits },
    });
  }
}

export class UnknownCurrencyError extends DomainError {
  constructor(currency: string, known: readonly string[]) {
    super('currency.unknown', 'invalid', `${currency} is not one of our currencies.`, { meta: { currencies: known } });
  }
}
