import { Injectable } from '@nestjs/common';
import { PaymentsService } from '../payments/payments.service.js';
import { PlansService } from '../plans/plans.service.js';

/** What a customer asks for. */
export interface SubscriptionOrder {
  userId: string;
  planId: string;
  currency: string;
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
   * Throws PlanNotFoundError, PlanNotOnSaleError, PlanHasNoPriceError and what `PaymentsService.startCheckout` throws.
   */
  async byCard(order: SubscriptionOrder): Promise<{ paymentId: string; checkoutUrl: string }> {
    const offer = await this.plans.offer(order.planId, order.currency);
    return this.payments.startCheckout({
      userId: order.userId,
      purpose: 'subscription',
      amountMinor: BigInt(offer.amountMinor),
      currency: offer.currency,
      description: `${offer.productName} ${offer.planName}, ${offer.termMonths} mo.`,
      snapshot: { ...offer },
      idempotencyKey: order.idempotencyKey,
    });
  }
}
