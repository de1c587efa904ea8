import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { isOnSale, offerIn, type Plan, type PlanOffer } from './plan.js';
import { PlanHasNoPriceError, PlanNotFoundError, PlanNotOnSaleError } from './plan.errors.js';
import { PlansRepository } from './plans.repository.js';

@Injectable()
export class PlansService {
  constructor(
    private readonly repository: PlansRepository,
    private readonly clock: Clock,
  ) {}

  /** Plans that may be bought now, by product, name and length. */
  async onSale(): Promise<Plan[]> {
    return this.repository.onSale(await this.clock.now());
  }

  /**
   * The terms on which the plan is sold in `currency`, now or at the moment `at`.
   * Throws PlanNotFoundError, PlanNotOnSaleError, PlanHasNoPriceError.
   */
  async offer(planId: string, currency: string, at?: Date): Promise<PlanOffer> {
    const plan = await this.repository.find(planId);
    if (!plan) throw new PlanNotFoundError(planId);
    if (!isOnSale(plan, at ?? (await this.clock.now()))) throw new PlanNotOnSaleError(planId);
    const offer = offerIn(plan, currency);
    if (!offer) {
      const offered = plan.prices.map((price) => price.currency);
      throw new PlanHasNoPriceError(planId, currency, offered);
    }
    return offer;
  }

  /** The terms on which the plan is given away now: those of a sale, for nothing. Throws PlanNotFoundError, PlanNotOnSaleError. */
  async gift(planId: string): Promise<PlanOffer> {
    const plan = await this.repository.find(planId);
    if (!plan) throw new PlanNotFoundError(planId);
    const [price] = plan.prices;
    if (!price) throw new PlanNotOnSaleError(planId);
    return { ...(await this.offer(planId, price.currency)), amountMinor: '0', refundPolicy: 'none' };
  }
}
