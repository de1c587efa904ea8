import { Injectable } from '@nestjs/common';
import { CurrenciesService } from '../money/currencies.service.js';
import type { MoneyDto } from '../money/money.dto.js';
import { formatAmount } from '../money/money.js';
import type { CheckoutRequest, CheckoutStarted, Payment } from '../payments/payment.js';
import { PaymentsService } from '../payments/payments.service.js';
import { QuotesService } from '../quotes/quotes.service.js';
import type { TopUpSnapshot } from './topup.js';

/** A top-up is asked for by a quote, or by an amount in the currency of the wallet. */
export type TopUpOrder = { quoteId: string } | { amount: MoneyDto };

/** A top-up as its owner sees it. */
export interface TopUp {
  payment: Payment;
  snapshot: TopUpSnapshot;
}

@Injectable()
export class TopUpsService {
  constructor(
    private readonly payments: PaymentsService,
    private readonly quotes: QuotesService,
    private readonly currencies: CurrenciesService,
  ) {}

  /** Starts a top-up and returns where to send the browser. Throws the quote's, the amount's and the provider's errors. */
  async start(userId: string, idempotencyKey: string, order: TopUpOrder): Promise<CheckoutStarted> {
    const request = 'quoteId' in order ? await this.byQuote(userId, order.quoteId) : await this.byAmount(order.amount);
    return this.payments.startCheckout({
      ...request,
      userId,
      idempotencyKey,
      purpose: 'top_up',
      returnPath: '/top-ups/{id}/return',
    });
  }

  /** Throws PaymentNotFoundError. */
  async get(userId: string, id: string): Promise<TopUp> {
    const payment = await this.payments.get(userId, id, 'top_up');
    return { payment, snapshot: payment.snapshot as unknown as TopUpSnapshot };
  }

  private async byQuote(userId: string, quoteId: string): Promise<TopUpTerms> {
    const quote = await this.quotes.get(userId, quoteId);
    const { exponent } = await this.currencies.get(quote.to);
    const snapshot: TopUpSnapshot = { quoteId, creditCurrency: quote.to, creditMinor: String(quote.amountOut) };
    return {
      amountMinor: quote.amountIn,
      currency: quote.from,
      description: `Top-up: ${formatAmount(quote.amountOut, exponent)} ${quote.to}`,
      snapshot: { ...snapshot },
      expiresAt: quote.expiresAt,
      intentKey: `quote:${quoteId}`,
      // In the transaction that writes the payment: a quote belongs to one payment or to none.
      onCreated: async (paymentId) => {
        await this.quotes.lockOpen(userId, quoteId);
        await this.quotes.reserve(quoteId, paymentId);
      },
    };
  }

  private async byAmount(amount: MoneyDto): Promise<TopUpTerms> {
    const { amountMinor, currency } = await this.currencies.parse(amount);
    const { exponent } = await this.currencies.get(currency);
    const snapshot: TopUpSnapshot = { quoteId: null, creditCurrency: currency, creditMinor: String(amountMinor) };
    return {
      amountMinor,
      currency,
      description: `Top-up: ${formatAmount(amountMinor, exponent)} ${currency}`,
      snapshot: { ...snapshot },
    };
  }
}

type TopUpTerms = Omit<CheckoutRequest, 'userId' | 'purpose' | 'idempotencyKey' | 'returnPath'>;
