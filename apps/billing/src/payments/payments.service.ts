import { Injectable } from '@nestjs/common';
import { UserStandings } from '../standing/user-standings.service.js';
import type { CheckoutRequest, CheckoutStarted, Payment, PaymentPurpose } from './payment.js';
import { StartCheckoutService } from './start-checkout.service.js';
import { PaymentProvider } from './payment-provider.js';
import { PaymentsRepository } from './payments.repository.js';
import { PaymentNotFoundError } from './payment.errors.js';

/** The door of this feature for those who sell something. */
@Injectable()
export class PaymentsService {
  constructor(
    private readonly repository: PaymentsRepository,
    private readonly checkout: StartCheckoutService,
    private readonly provider: PaymentProvider,
    private readonly standings: UserStandings,
  ) {}

  /** Currencies cards can be charged in. Throws UnavailableError. */
  async chargeable(): Promise<readonly string[]> {
    return this.provider.chargeable();
  }

  /**
   * Opens a Checkout session, or finds the one that is already open for this key or intent. Call it outside of transactions: it
   * talks to the provider. Throws UserWithheldError, CurrencyNotChargeableError, AmountNotChargeableError, UnavailableError.
   */
  async startCheckout(request: CheckoutRequest): Promise<CheckoutStarted> {
    await this.standings.assertGood(request.userId);
    return this.checkout.start(request);
  }

  /** The payment a user has begun under a key; undefined when there is none. */
  async begunWith(userId: string, purpose: PaymentPurpose, idempotencyKey: string): Promise<Payment | undefined> {
    return this.repository.findByClientKey(userId, purpose, idempotencyKey);
  }

  /** A user's own payment. Throws PaymentNotFoundError. */
  async get(userId: string, id: string, purpose?: PaymentPurpose): Promise<Payment> {
    const payment = await this.repository.find(id);
    if (payment?.userId !== userId || (purpose && payment.purpose !== purpose)) throw new PaymentNotFoundError();
    return payment;
  }
}
