import { Injectable } from '@nestjs/common';
import { PaymentKeyReusedError } from '../payments/payment.errors.js';
import { PaymentsService } from '../payments/payments.service.js';
import type { PlanOffer } from '../plans/plan.js';
import { PlansService } from '../plans/plans.service.js';

/** What a customer asks for. */
export interface SubscriptionOrder {
  userId: string;
  planId: string;
  currency: string;
  /** The price the customer was shown; sold at no other. Not given: at the present one. */
  shownAmount?: string | undefined;
  /** The same order has the same key, another order another. */
  idempotencyKey: string;
}

@Injectable()
export class BuySubscriptionService {
  constructor(
    private readonly plans: PlansService,
    private readonly payments: PaymentsService,
  ) {}

  /**
   * Starts a card payment for a plan at its present price and returns where to pay. Nothing is granted before the money is there.
   * Two orders with two keys are two payments and two periods; the same order again is the same payment, whatever the plan costs by
   * then. Throws PlanNotFoundError, PlanNotOnSaleError, PlanHasNoPriceError, PlanPriceChangedError and what
   * `PaymentsService.startCheckout` throws.
   */
  async start(order: SubscriptionOrder): Promise<{ paymentId: string; checkoutUrl: string }> {
    const offer = await this.offerFor(order);
    const { paymentId, checkoutUrl } = await this.payments.startCheckout({
      userId: order.userId,
      purpose: 'subscription',
      amountMinor: BigInt(offer.amountMinor),
      currency: offer.currency,
      description: `${offer.productName} ${offer.planName}, ${offer.termMonths} mo.`,
      snapshot: { ...offer },
      idempotencyKey: order.idempotencyKey,
    });
    return { paymentId, checkoutUrl };
  }

  /** What the order was made at when it was made before. */
  private async offerFor({
    userId,
    planId,
    currency,
    shownAmount,
    idempotencyKey,
  }: SubscriptionOrder): Promise<PlanOffer> {
    const begun = await this.payments.begunWith(userId, 'subscription', idempotencyKey);
    if (!begun) return this.plans.offer(planId, currency, { shownAmount });
    const offer = begun.snapshot as unknown as PlanOffer;
    if (offer.planId !== planId || offer.currency !== currency) throw new PaymentKeyReusedError();
    return offer;
  }
}
