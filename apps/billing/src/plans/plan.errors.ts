import { DomainError } from '#libs/errors';
import type { MoneyDto } from '../money/money.dto.js';

export class PlanNotFoundError extends DomainError {
  constructor(planId: string) {
    super('plan.not_found', 'not_found', 'There is no such plan.', { meta: { planId } });
  }
}

export class PlanNotOnSaleError extends DomainError {
  constructor(planId: string) {
    super('plan.not_on_sale', 'conflict', 'This plan cannot be bought now.', { meta: { planId } });
  }
}

export class PlanHasNoPriceError extends DomainError {
  constructor(planId: string, currency: string, offered: string[]) {
    super('plan.no_price', 'invalid', `This plan is not sold in ${currency}.`, { meta: { planId, offered } });
  }
}

/** The customer was shown another price than the one that holds now. */
export class PlanPriceChangedError extends DomainError {
  constructor(planId: string, { amount, currency }: MoneyDto) {
    super('plan.price_changed', 'conflict', `The price has changed: it is ${amount} ${currency} now.`, {
      meta: { planId, price: { amount, currency } },
    });
  }
}

/** Somebody else has repriced the plan since its prices were read. */
export class PlanRepricedError extends DomainError {
  constructor(planId: string, pricesVersion: number) {
    super(
      'plan.repriced',
      'conflict',
      'The prices have changed in the meantime. Read them again before you change them.',
      {
        meta: { planId, pricesVersion },
      },
    );
  }
}
