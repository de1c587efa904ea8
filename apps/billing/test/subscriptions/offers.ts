import { DEMO_PLANS } from '../../src/plans/demo-plans.js';
import { offerIn, type Plan, type PlanOffer } from '../../src/plans/plan.js';

/** The demonstration plan of so many months. */
export function demoPlan(months: number): Plan {
  return DEMO_PLANS.find((plan) => plan.termMonths === months)!;
}

/** Its terms in a currency. */
export function offerOf(months: number, currency: string): PlanOffer {
  return offerIn(demoPlan(months), currency)!;
}
