import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { AuditService } from '../audit/audit.service.js';
import { Clock } from '../clock/clock.js';
import {
  PointPriceInThePastError,
  RateFetchNotFoundError,
  RatesSupersededError,
  RatesTooFarAheadError,
} from './rate.errors.js';
import { formatRate, parseRate } from './rate.js';
import { isTooFarAhead } from './rate-sanity.js';
import { type KeptFetch, type PointPrice, RatesRepository } from './rates.repository.js';

/** What administrators decide about rates; everything is audited. */
@Injectable()
export class RatesAdminService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: RatesRepository,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** The newest answers of the sources, whatever became of them. */
  async fetches(status: string | undefined, limit: number): Promise<KeptFetch[]> {
    return this.repository.fetches(status, limit);
  }

  /**
   * Accepts rates out of quarantine, or rejects them for good. Throws RateFetchNotFoundError when there is nothing to decide,
   * RatesSupersededError and RatesTooFarAheadError when it is too late or too early to accept them.
   */
  async decide(actor: string, fetchId: string, decision: 'accepted' | 'rejected', reason: string): Promise<void> {
    // PostgreSQL cannot even be asked for an id beyond its bigint.
    if (!Number.isSafeInteger(Number(fetchId))) throw new RateFetchNotFoundError();
    await this.unitOfWork.run(async () => {
      const fetch = await this.repository.decide(fetchId, decision, actor);
      if (!fetch) throw new RateFetchNotFoundError();
      if (decision === 'accepted') await this.putInForce(fetch);
      const subject = { type: 'rate_fetch', id: fetchId };
      await this.audit.record({ actor, action: `rates.${decision}`, subject, reason, details: { rates: fetch.rates } });
    });
  }

  /** Sets how many points a dollar buys from a moment on, now by default. Throws PointPriceInThePastError: what was quoted stays. */
  async setPointPrice(
    actor: string,
    price: { pointsPerUsd: string; effectiveFrom?: Date | undefined; reason: string },
  ): Promise<PointPrice> {
    const now = await this.clock.now();
    const effectiveFrom = price.effectiveFrom ?? now;
    if (effectiveFrom < now) throw new PointPriceInThePastError();
    return this.unitOfWork.run(async () => {
      const pointsPerUsd = parseRate(price.pointsPerUsd)!;
      const set = await this.repository.addPointPrice(pointsPerUsd, effectiveFrom, actor, price.reason);
      await this.audit.record({
        actor,
        action: 'point_price.set',
        subject: { type: 'point_price', id: set.id },
        reason: price.reason,
        details: { pointsPerUsd: formatRate(pointsPerUsd), effectiveFrom },
      });
      return set;
    });
  }

  private async putInForce({ id, provider, publishedAt, rates }: KeptFetch): Promise<void> {
    await this.repository.lockSets();
    const newest = await this.repository.latest();
    if (newest && publishedAt! < newest.publishedAt) throw new RatesSupersededError(newest.publishedAt);
    if (isTooFarAhead(publishedAt!, await this.clock.now())) throw new RatesTooFarAheadError(publishedAt!);
    await this.repository.accept(id, provider, publishedAt!, rates!);
  }
}
