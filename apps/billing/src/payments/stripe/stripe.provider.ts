import { Injectable, Logger } from '@nestjs/common';
import Stripe from 'stripe';
import { BillingConfig } from '../../billing.config.js';
import { OrderRefusedError } from '../payment.errors.js';
import type { Payment } from '../payment.js';
import {
  type ChargeLimits,
  type CheckoutSession,
  PaymentProvider,
  type ProviderDispute,
  type ProviderEvent,
  type ProviderMoneyLine,
  type ProviderRefund,
} from '../payment-provider.js';
import { callStripe, createStripe } from './stripe.client.js';
import { readStripeEvent, toEvent } from './stripe.events.js';
import { toDispute, toMoneyLine, toRefund, toSession } from './stripe.objects.js';

/** "US$0.50 or equivalent" and eight digits (stripe-node, PaymentIntentCreateParams.amount); the equivalents with room to spare. */
const MINIMUM_MINOR: Record<string, bigint> = { USD: 50n, EUR: 50n, CNY: 400n, RUB: 5_000n };
const MAXIMUM_MINOR = 99_999_999n;

/** Payments through Stripe Checkout, hosted page. */
@Injectable()
export class StripeProvider extends PaymentProvider {
  readonly livemode: boolean;
  private readonly logger = new Logger(StripeProvider.name);
  private readonly stripe: Stripe;
  private supported: Promise<readonly string[]> | undefined;

  constructor(private readonly config: BillingConfig) {
    super();
    this.stripe = createStripe(config);
    this.livemode = /^(sk|rk)_live_/.test(config.STRIPE_SECRET_KEY);
  }

  /** The configured currencies that the account's country may charge. */
  async chargeable(): Promise<readonly string[]> {
    this.supported ??= this.readSupported().catch((error: unknown) => {
      this.supported = undefined;
      throw error;
    });
    return this.supported;
  }

  limits(currency: string): ChargeLimits {
    return { minimum: MINIMUM_MINOR[currency] ?? 100n, maximum: MAXIMUM_MINOR };
  }

  async createSession(payment: Payment): Promise<CheckoutSession> {
    const params = this.sessionParams(payment);
    return toSession(
      await this.refusable(() =>
        callStripe('checkout.session', () =>
          this.stripe.checkout.sessions.create(params, { idempotencyKey: payment.id }),
        ),
      ),
    );
  }

  async getSession(sessionId: string): Promise<CheckoutSession> {
    const session = await callStripe('checkout.session', () =>
      this.stripe.checkout.sessions.retrieve(sessionId, { expand: ['payment_intent'] }),
    );
    return toSession(session);
  }

  async expireSession(sessionId: string): Promise<CheckoutSession> {
    try {
      return toSession(await callStripe('checkout.session', () => this.stripe.checkout.sessions.expire(sessionId)));
    } catch (error) {
      // It is no longer open: paid or ended in between.
      if (error instanceof Stripe.errors.StripeInvalidRequestError) return this.getSession(sessionId);
      throw error;
    }
  }

  async createRefund(order: {
    refundId: string;
    paymentId: string;
    intentId: string;
    amountMinor: bigint;
  }): Promise<ProviderRefund> {
    const metadata = { refund_id: order.refundId, payment_id: order.paymentId };
    const params = { payment_intent: order.intentId, amount: Number(order.amountMinor), metadata };
    return toRefund(
      await this.refusable(() =>
        callStripe('refund', () => this.stripe.refunds.create(params, { idempotencyKey: order.refundId })),
      ),
    );
  }

  async refundsOf(intentId: string): Promise<ProviderRefund[]> {
    const page = await callStripe('list', () => this.stripe.refunds.list({ payment_intent: intentId, limit: 100 }));
    return page.data.map(toRefund);
  }

  async getDispute(disputeId: string): Promise<ProviderDispute> {
    return toDispute(await callStripe('dispute', () => this.stripe.disputes.retrieve(disputeId)));
  }

  async moneyLines(from: Date, to: Date): Promise<ProviderMoneyLine[]> {
    const lines: ProviderMoneyLine[] = [];
    const created = { gte: seconds(from), lt: seconds(to) };
    for (let after: string | undefined; ;) {
      const page = await callStripe('list', () =>
        this.stripe.balanceTransactions.list({
          created,
          limit: 100,
          expand: ['data.source'],
          ...(after && { starting_after: after }),
        }),
      );
      lines.push(...page.data.map(toMoneyLine));
      after = page.data.at(-1)?.id;
      if (!page.has_more || !after) return lines.reverse();
    }
  }

  async undeliveredEvents(since: Date): Promise<ProviderEvent[]> {
    const events: ProviderEvent[] = [];
    for (let after: string | undefined; ;) {
      const page = await callStripe('list', () =>
        this.stripe.events.list({
          delivery_success: false,
          created: { gte: seconds(since) },
          limit: 100,
          ...(after && { starting_after: after }),
        }),
      );
      events.push(...page.data.map(toEvent));
      after = page.data.at(-1)?.id;
      if (!page.has_more || !after) return events.reverse();
    }
  }

  readEvent(body: Buffer, signature: string | undefined, now: Date): ProviderEvent {
    const secrets = this.config.STRIPE_WEBHOOK_SECRET;
    return readStripeEvent(this.stripe, { body, signature, secrets, now, livemode: this.livemode });
  }

  /** Everything comes from the stored row, so that a second try sends the same and gets the same session. */
  private sessionParams(payment: Payment): Stripe.Checkout.SessionCreateParams {
    const returnUrl = `${this.config.BILLING_PUBLIC_URL}${payment.returnPath.replace('{id}', payment.id)}`;
    const metadata = { payment_id: payment.id, user_id: payment.userId, purpose: payment.purpose };
    return {
      mode: 'payment',
      client_reference_id: payment.id,
      metadata,
      payment_intent_data: { metadata },
      line_items: [
        {
          quantity: 1,
          price_data: {
            currency: payment.currency.toLowerCase(),
            unit_amount: Number(payment.amountMinor),
            product_data: { name: payment.description },
          },
        },
      ],
      adaptive_pricing: { enabled: false },
      expires_at: Math.floor(payment.sessionExpiresAt.getTime() / 1000),
      success_url: returnUrl,
      cancel_url: `${returnUrl}?cancelled=1`,
    };
  }

  private async refusable<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof Stripe.errors.StripeInvalidRequestError) throw new OrderRefusedError(error.message, error);
      throw error;
    }
  }

  private async readSupported(): Promise<readonly string[]> {
    const wanted = this.config.STRIPE_CHARGE_CURRENCIES.map((currency) => currency.toUpperCase());
    const country = await this.country();
    if (!country) return wanted;
    const spec = await callStripe('country_spec', () => this.stripe.countrySpecs.retrieve(country));
    return wanted.filter((currency) => spec.supported_payment_currencies.includes(currency.toLowerCase()));
  }

  /** Undefined when the key may not read its account, as restricted keys may not: the configured list then stands alone. */
  private async country(): Promise<string | undefined> {
    try {
      const { country } = await callStripe('account', () => this.stripe.accounts.retrieveCurrent());
      return country;
    } catch (error) {
      const denied =
        error instanceof Stripe.errors.StripeInvalidRequestError ||
        error instanceof Stripe.errors.StripePermissionError;
      if (!denied) throw error;
      this.logger.warn(`The account's country is not known: ${error.message}`);
      return undefined;
    }
  }
}

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
