import { DomainError } from '#libs/errors';

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
