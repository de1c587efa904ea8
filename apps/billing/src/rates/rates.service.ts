import { Injectable } from '@nestjs/common';
import { Gauge } from '#libs/telemetry';
import { Clock } from '../clock/clock.js';
import { RatesStaleError } from './rate.errors.js';
import type { RatesPerUsd } from './rate.js';
import { type PointPrice, type RateSet, RatesRepository } from './rates.repository.js';

/** Injection tokens of the two sources. */
export const PRIMARY_SOURCE = Symbol('PRIMARY_SOURCE');
export const FALLBACK_SOURCE = Symbol('FALLBACK_SOURCE');

const HOUR_MS = 3_600_000;
/** Older rates are reported, still older ones convert nothing any more. */
export const WARN_AFTER_HOURS = 26;
export const BLOCK_AFTER_HOURS = 72;

/** Everything a conversion needs to be repeated later to the last unit. */
export interface RatesInForce {
  rateSetId: string;
  provider: string;
  publishedAt: Date;
  pointPriceId: string;
  /** PNT included. */
  perUsd: RatesPerUsd;
  ageHours: number;
}

const ageGauge = new Gauge({ name: 'billing_rates_age_hours', help: 'Age of the newest accepted exchange rates' });

/** The rates conversions are made with. */
@Injectable()
export class RatesService {
  constructor(
    private readonly repository: RatesRepository,
    private readonly clock: Clock,
  ) {}

  /** The newest accepted set with the price of points. Throws RatesStaleError when there is none or it is over 72 hours old. */
  async inForce(): Promise<RatesInForce> {
    const { set, price, ageHours } = await this.newest();
    if (!set || !price || ageHours > BLOCK_AFTER_HOURS) throw new RatesStaleError(set && Math.floor(ageHours));
    return {
      rateSetId: set.id,
      provider: set.provider,
      publishedAt: set.publishedAt,
      pointPriceId: price.id,
      perUsd: { ...set.perUsd, PNT: price.pointsPerUsd },
      ageHours,
    };
  }

  /** The newest set and price, however old. */
  async newest(): Promise<{ set: RateSet | undefined; price: PointPrice | undefined; ageHours: number }> {
    const now = await this.clock.now();
    const [set, price] = await Promise.all([this.repository.latest(), this.repository.pointPrice(now)]);
    const ageHours = set ? Math.max(0, (now.getTime() - set.publishedAt.getTime()) / HOUR_MS) : Infinity;
    if (set) ageGauge.set(ageHours);
    return { set, price, ageHours };
  }
}
