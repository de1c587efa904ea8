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

/** There are no such rates in quarantine. */
export class RateFetchNotFoundError extends DomainError {
  constructor() {
    super('rates.nothing_to_decide', 'not_found', 'There are no such rates waiting for a decision.');
  }
}

/** Newer rates are in force; older ones would take their place. */
export class RatesSupersededError extends DomainError {
  constructor(newestPublishedAt: Date) {
    super('rates.superseded', 'conflict', 'Newer rates than these have been accepted already.', {
      meta: { newestPublishedAt },
    });
  }
}

/** Rates for a later day than the next would keep all others out until then. */
export class RatesTooFarAheadError extends DomainError {
  constructor(publishedAt: Date) {
    super('rates.too_far_ahead', 'conflict', 'These rates are dated too far in the future.', { meta: { publishedAt } });
  }
}

/** What was quoted at the old price stays quoted; a price holds from now on or later. */
export class PointPriceInThePastError extends DomainError {
  constructor() {
    super('point_price.in_the_past', 'invalid', 'The price of points can only be set from now on or for later.');
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
