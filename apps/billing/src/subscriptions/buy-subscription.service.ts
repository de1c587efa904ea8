import { Injectable } from '@nestjs/common';
import { PaymentsService } from '../payments/payments.service.js';
import { PlansService } from '../plans/plans.service.js';

/** What a customer asks for. */
export interface SubscriptionOrder {
  userId: string;
  planId: string;
  currency: string;
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
   * Two orders with two keys are two payments and two periods. Throws PlanNotFoundError, PlanNotOnSaleError, PlanHasNoPriceError
   * and what `PaymentsService.startCheckout` throws.
   */
  async start(order: SubscriptionOrder): Promise<{ paymentId: string; checkoutUrl: string }> {
    const offer = await this.plans.offer(order.planId, order.currency);
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
}
