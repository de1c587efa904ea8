import { DomainError } from '#libs/errors';

export class SubscriptionNotFoundError extends DomainError {
  constructor() {
    super('subscription.not_found', 'not_found', 'There is no such subscription.');
  }
}

/** Only a running subscription can be renewed; one that has ended is bought again. */
export class SubscriptionEndedError extends DomainError {
  constructor() {
    super('subscription.ended', 'conflict', 'This subscription has ended. Buy it again to go on watching.');
  }
}

export class PlanOfOtherProductError extends DomainError {
  constructor(product: string) {
    super('subscription.other_product', 'invalid', `This subscription can be renewed only with a plan of ${product}.`, {
      meta: { product },
    });
  }
}

export class PeriodNotFoundError extends DomainError {
  constructor() {
    super('subscription.period_not_found', 'not_found', 'There is no such period.');
  }
}

export class PeriodNotRefundableError extends DomainError {
  constructor(why: string) {
    super('subscription.not_refundable', 'conflict', `This period cannot be given back: ${why}.`);
  }
}
