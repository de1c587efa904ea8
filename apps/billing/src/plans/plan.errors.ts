import { DomainError } from '#libs/errors';
import type { MoneyDto } from '../money/money.dto.js';
import type { Plan } from './plan.js';

export class PlanNotFoundError extends DomainError {
  constructor(planId: string) {
    super('plan.not_found', 'not_found', 'There is no such plan.', { meta: { planId } });
  }
}

/** Before its sale began, after it ended, or archived. */
export class PlanNotOnSaleError extends DomainError {
  constructor({ id, activeFrom, activeUntil }: Plan, now: Date) {
    const [from, until] = [activeFrom.toISOString(), activeUntil?.toISOString() ?? null];
    const message =
      now < activeFrom ? `This plan is sold from ${from} on.` : `This plan has not been sold since ${until}.`;
    super('plan.not_on_sale', 'invalid', message, { meta: { planId: id, activeFrom: from, activeUntil: until } });
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
