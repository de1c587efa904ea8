import { Injectable } from '@nestjs/common';
import { CurrenciesService } from '../money/currencies.service.js';
import type { Renewal } from './renewal.js';
import type { RefundedPeriod } from './refund-period.service.js';
import type { RefundedPeriodDto, RenewalDto, SubscriptionDto, SubscriptionPeriodDto } from './subscription.dto.js';
import type { SubscriptionPeriod } from './subscription.js';
import type { SubscriptionOverview } from './subscriptions.service.js';

/** How subscriptions look from outside. */
@Injectable()
export class SubscriptionViews {
  constructor(private readonly currencies: CurrenciesService) {}

  async subscription(overview: SubscriptionOverview): Promise<SubscriptionDto> {
    const { id, product, status, paidUntil, graceUntil, renewal, periods } = overview;
    return {
      id,
      product,
      status,
      paidUntil: paidUntil?.toISOString() ?? null,
      graceUntil: graceUntil?.toISOString() ?? null,
      renewal: renewal && (await this.renewal(renewal)),
      periods: await Promise.all(periods.map((period) => this.period(period))),
    };
  }

  async period(period: SubscriptionPeriod): Promise<SubscriptionPeriodDto> {
    return {
      id: period.id,
      planId: period.offer.planId,
      planName: period.offer.planName,
      termMonths: period.offer.termMonths,
      startsAt: period.startsAt.toISOString(),
      endsAt: period.endsAt.toISOString(),
      status: period.status,
      paidWith: period.source,
      paid: await this.currencies.format(period.paidMinor, period.paidCurrency),
      paymentId: period.paymentId,
    };
  }

  async refunded({ amountMinor, currency, to }: RefundedPeriod): Promise<RefundedPeriodDto> {
    return { amount: await this.currencies.format(amountMinor, currency), to };
  }

  private async renewal({ offer, consentedAt, tryAt, failure }: Renewal): Promise<RenewalDto> {
    return {
      planId: offer.planId,
      planName: offer.planName,
      termMonths: offer.termMonths,
      price: await this.currencies.format(BigInt(offer.amountMinor), offer.currency),
      consentedAt: consentedAt.toISOString(),
      tryAt: tryAt?.toISOString() ?? null,
      failure,
    };
  }
}
