import { Injectable } from '@nestjs/common';
import { uuidv8 } from '#libs/contracts';
import { UnitOfWork } from '#libs/database';
import { AuditService } from '../audit/audit.service.js';
import { Clock } from '../clock/clock.js';
import { assertTimeOfSale, type Plan, type PlanPrice } from './plan.js';
import { PlanNotFoundError, PlanRepricedError } from './plan.errors.js';
import { PlansRepository } from './plans.repository.js';

/** A plan to be made. */
export type NewPlan = Omit<Plan, 'id' | 'pricesVersion'>;

/** Prices to take the place of those that were read as `pricesVersion`. */
export interface Repricing {
  prices: PlanPrice[];
  pricesVersion: number;
  reason: string;
}

/** Changes to what is sold. Every purchase and every checkout under way keeps the terms it was made at. */
@Injectable()
export class AdministerPlansService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: PlansRepository,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /** All plans, also those not on sale. */
  async list(): Promise<Plan[]> {
    return this.repository.all();
  }

  /**
   * Puts a plan on sale for its time, once per administrator and key; returns it as it is by now. Throws ValidationFailedError when
   * the sale would end before it begins.
   */
  async create(actor: string, plan: NewPlan, key: string): Promise<Plan> {
    assertTimeOfSale(plan);
    const id = uuidv8(`plan:${actor}:${key}`);
    return this.unitOfWork.run(async () => {
      const isNew = await this.repository.add({ ...plan, id, pricesVersion: 1 });
      if (isNew) await this.record(actor, 'plan.created', id, undefined, { product: plan.product, name: plan.name });
      return this.known(id);
    });
  }

  /** Puts these prices in the place of those that were read. Throws PlanNotFoundError, PlanRepricedError. */
  async reprice(actor: string, id: string, { prices, pricesVersion, reason }: Repricing): Promise<Plan> {
    return this.unitOfWork.run(async () => {
      const before = await this.locked(id);
      if (before.pricesVersion !== pricesVersion) throw new PlanRepricedError(id, before.pricesVersion);
      await this.repository.setPrices(id, prices);
      await this.record(actor, 'plan.repriced', id, reason, { before: asText(before.prices), after: asText(prices) });
      return this.known(id);
    });
  }

  /** Takes the plan off sale from now on. Throws PlanNotFoundError. */
  async archive(actor: string, id: string, reason: string): Promise<Plan> {
    return this.unitOfWork.run(async () => {
      await this.locked(id);
      await this.repository.endSale(id, await this.clock.now());
      await this.record(actor, 'plan.archived', id, reason, {});
      return this.known(id);
    });
  }

  private async known(id: string): Promise<Plan> {
    const plan = await this.repository.find(id);
    if (!plan) throw new PlanNotFoundError(id);
    return plan;
  }

  private async locked(id: string): Promise<Plan> {
    const plan = await this.repository.lock(id);
    if (!plan) throw new PlanNotFoundError(id);
    return plan;
  }

  private async record(
    actor: string,
    action: string,
    id: string,
    reason: string | undefined,
    details: object,
  ): Promise<void> {
    await this.audit.record({ actor, action, subject: { type: 'plan', id }, reason, details });
  }
}

function asText(prices: PlanPrice[]): string[] {
  return prices.map(({ amountMinor, currency }) => `${amountMinor} ${currency}`);
}
