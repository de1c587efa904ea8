import { Injectable } from '@nestjs/common';
import { ChangePeriodService } from './change-period.service.js';
import { monthsPaidFor } from './earnings.js';
import { type GivenBack, PayForPeriodService, sourcesOf } from './pay-for-period.service.js';
import { SubscriptionNews } from './subscription-news.service.js';

/** Money of a period goes back, and with it the months it had paid for. */
@Injectable()
export class GiveBackPeriodService {
  constructor(
    private readonly paying: PayForPeriodService,
    private readonly changing: ChangePeriodService,
    private readonly news: SubscriptionNews,
  ) {}

  /**
   * Books money that goes back and shortens or revokes the period: the holder keeps the months the rest of the price pays for.
   * In the ambient transaction, under the user's lock; a key that was used before changes nothing. Returns the ledger transaction.
   */
  async giveBack(back: GivenBack): Promise<{ transactionId: string }> {
    const { subscription, period, amountMinor, reason } = back;
    const { transactionId, replayed } = await this.paying.giveBack(back);
    if (replayed) return { transactionId };
    const refundedMinor = period.refundedMinor + amountMinor;
    const months = monthsPaidFor({ ...period, termMonths: period.offer.termMonths }, period.paidMinor - refundedMinor);
    const after = await this.changing.apply(subscription, period, {
      months,
      refundedMinor,
      earnedMinor: period.earnedMinor - sourcesOf(period, amountMinor).earnedMinor,
      reason,
    });
    await this.news.refunded(after, period, amountMinor);
    return { transactionId };
  }
}
