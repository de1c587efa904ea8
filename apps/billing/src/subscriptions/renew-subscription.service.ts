import { Injectable } from '@nestjs/common';
import { AccountNotUsableError, InsufficientFundsError } from '../ledger/ledger.errors.js';
import type { PlanOffer } from '../plans/plan.js';
import { PlanHasNoPriceError, PlanNotFoundError, PlanNotOnSaleError } from '../plans/plan.errors.js';
import { PlansService } from '../plans/plans.service.js';
import { UserStandings } from '../standing/user-standings.service.js';
import { AddPeriodService } from './add-period.service.js';
import { PayForPeriodService } from './pay-for-period.service.js';
import { failureIsNews, graceEnd, nextTryAt, type Renewal, type RenewalFailure } from './renewal.js';
import type { Subscription } from './subscription.js';
import { SubscriptionNews } from './subscription-news.service.js';

/** Why the last try failed; not an error, because a subscription has to go on living with it. */
class NotRenewed {
  constructor(
    readonly failure: RenewalFailure,
    /** What it would have cost, as far as known: the present price, or else the one that was agreed to. */
    readonly offer: PlanOffer,
  ) {}
}

@Injectable()
export class RenewSubscriptionService {
  constructor(
    private readonly plans: PlansService,
    private readonly paying: PayForPeriodService,
    private readonly periods: AddPeriodService,
    private readonly news: SubscriptionNews,
    private readonly standings: UserStandings,
  ) {}

  /**
   * Tries the renewal that is due, in the ambient transaction and under the user's lock: pays one more period from the balance,
   * or notes why not, gives grace and plans the next try. Returns the subscription if it is still to be saved.
   */
  async tryNow(subscription: Subscription, renewal: Renewal, now: Date): Promise<Subscription | undefined> {
    const notRenewed = await this.renew(subscription, renewal.offer, now);
    if (!notRenewed) return undefined;
    const { failure, offer } = notRenewed;
    const failed = noted(subscription, renewal, failure, now);
    if (!failureIsNews(renewal, failure, now)) return failed;
    const told = { ...failed, version: failed.version + 1, renewal: { ...failed.renewal!, failureToldAt: now } };
    await this.news.renewalFailed(told, offer, failure);
    return told;
  }

  /** Returns why not, if not. */
  private async renew(subscription: Subscription, agreed: PlanOffer, now: Date): Promise<NotRenewed | undefined> {
    // Nobody pays for time that is withheld; a block that ends within the grace period costs no time.
    if (await this.standings.withheldAt(subscription.userId, now)) return new NotRenewed('account_unusable', agreed);
    const offer = await this.presentOffer(agreed, now);
    if (offer instanceof NotRenewed) return offer;
    const failure = await this.pay(subscription, offer);
    return failure && new NotRenewed(failure, offer);
  }

  /** What the plan costs today: less than agreed is welcome, more needs another consent. */
  private async presentOffer(agreed: PlanOffer, now: Date): Promise<PlanOffer | NotRenewed> {
    try {
      const offer = await this.plans.offer(agreed.planId, agreed.currency, { at: now });
      return BigInt(offer.amountMinor) > BigInt(agreed.amountMinor) ? new NotRenewed('price_raised', offer) : offer;
    } catch (error) {
      const gone = [PlanNotFoundError, PlanNotOnSaleError, PlanHasNoPriceError].some((cls) => error instanceof cls);
      if (gone) return new NotRenewed('plan_ended', agreed);
      throw error;
    }
  }

  /** Paid and prolonged in one transaction, under the user's lock: a second try finds another end and a new version. */
  private async pay(subscription: Subscription, offer: PlanOffer): Promise<RenewalFailure | undefined> {
    try {
      const { transactionId } = await this.paying.fromBalance({
        subscription,
        offer,
        kind: 'subscription_renewal',
        key: `renewal:${subscription.id}:${subscription.version}`,
        actor: 'system',
      });
      await this.periods.add(subscription, offer, {
        paidMinor: BigInt(offer.amountMinor),
        paidCurrency: offer.currency,
        source: 'renewal',
        paymentId: null,
        transactionId,
      });
      return undefined;
    } catch (error) {
      if (error instanceof InsufficientFundsError) return 'insufficient_funds';
      if (error instanceof AccountNotUsableError) return 'account_unusable';
      throw error;
    }
  }
}

/** The subscription after a failed try: money may still come, so there is grace; a plan or price that is gone does not come back. */
function noted(subscription: Subscription, renewal: Renewal, failure: RenewalFailure, now: Date): Subscription {
  const mayRecover = failure === 'insufficient_funds' || failure === 'account_unusable';
  const graceUntil = mayRecover ? graceEnd(subscription.paidUntil!, renewal.offer.graceDays) : null;
  const tryAt = graceUntil && nextTryAt(subscription.paidUntil!, graceUntil, now);
  return { ...subscription, graceUntil, renewal: { ...renewal, failure, tryAt } };
}
