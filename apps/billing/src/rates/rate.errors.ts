import { DomainError } from '#libs/errors';

/** There are no rates, or they are too old to be used (503). */
export class RatesStaleError extends DomainError {
  constructor(ageHours?: number) {
    super('rates.stale', 'unavailable', 'Exchange rates are not up to date, so nothing can be converted right now.', {
      meta: ageHours === undefined ? {} : { ageHours },
      retryAfterSeconds: 300,
    });
  }
}

/** A source answered with something that is no rates. */
export class RateSourceError extends Error {
  constructor(
    message: string,
    readonly raw?: string,
  ) {
    super(message);
    this.name = 'RateSourceError';
  }
}
