import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { CurrenciesService } from '../money/currencies.service.js';
import { isOnSale, offerIn, type Plan, type PlanOffer } from './plan.js';
import { PlanHasNoPriceError, PlanNotFoundError, PlanNotOnSaleError, PlanPriceChangedError } from './plan.errors.js';
import { PlansRepository } from './plans.repository.js';

@Injectable()
export class PlansService {
  constructor(
    private readonly repository: PlansRepository,
    private readonly clock: Clock,
    private readonly currencies: CurrenciesService,
  ) {}

  /** Plans that may be bought now, by product, name and length. */
  async onSale(): Promise<Plan[]> {
    return this.repository.onSale(await this.clock.now());
  }

  /**
   * The terms on which the plan is sold in `currency`, now or at the moment `at`; with `shownAmount` only if that is the price.
   * Throws PlanNotFoundError, PlanNotOnSaleError, PlanHasNoPriceError, PlanPriceChangedError.
   */
  async offer(
    planId: string,
    currency: string,
    { at, shownAmount }: { at?: Date; shownAmount?: string | undefined } = {},
  ): Promise<PlanOffer> {
    const plan = await this.forSale(planId, at);
    const offer = offerIn(plan, currency);
    if (!offer) {
      const offered = plan.prices.map((price) => price.currency);
      throw new PlanHasNoPriceError(planId, currency, offered);
    }
    if (shownAmount === undefined) return offer;
    const price = await this.currencies.format(BigInt(offer.amountMinor), currency);
    if (shownAmount !== price.amount) throw new PlanPriceChangedError(planId, price);
    return offer;
  }

  /** The terms on which the plan is given away now: those of a sale, for nothing. Throws PlanNotFoundError, PlanNotOnSaleError. */
  async gift(planId: string): Promise<PlanOffer> {
    const plan = await this.forSale(planId);
    const offer = offerIn(plan, plan.prices[0]!.currency)!;
    return { ...offer, amountMinor: '0', refundPolicy: 'none' };
  }

  private async forSale(planId: string, at?: Date): Promise<Plan> {
    const plan = await this.repository.find(planId);
    if (!plan) throw new PlanNotFoundError(planId);
    const moment = at ?? (await this.clock.now());
    if (!isOnSale(plan, moment)) throw new PlanNotOnSaleError(plan, moment);
    return plan;
  }
}
