import { Injectable, type OnModuleInit } from '@nestjs/common';
import { TopUpSettledV1 } from '#libs/contracts';
import { Outbox } from '#libs/messaging';
import { AccountsService } from '../accounts/accounts.service.js';
import { conversionLegs, conversionMeta } from '../conversions/conversion-legs.js';
import type { Leg, Posted } from '../ledger/ledger.js';
import { LedgerService } from '../ledger/ledger.service.js';
import { repaymentLegs } from '../ledger/repayment.js';
import { PaymentFulfilments } from '../payments/payment-fulfilments.js';
import type { Payment } from '../payments/payment.js';
import type { Quote } from '../quotes/quotes.repository.js';
import { QuotesService } from '../quotes/quotes.service.js';
import { ReverseTopUpService } from './reverse-topup.service.js';
import type { TopUpSnapshot } from './topup.js';

/** What happens when a top-up's money is there. */
@Injectable()
export class FulfilTopUpService implements OnModuleInit {
  constructor(
    private readonly fulfilments: PaymentFulfilments,
    private readonly accounts: AccountsService,
    private readonly quotes: QuotesService,
    private readonly ledger: LedgerService,
    private readonly outbox: Outbox,
    private readonly reversal: ReverseTopUpService,
  ) {}

  onModuleInit(): void {
    this.fulfilments.register('top_up', {
      fulfil: (payment) => this.fulfil(payment),
      letGo: (payment) => this.letGo(payment),
      reversal: this.reversal,
    });
  }

  /** Credits the payment once, in the ambient transaction. */
  async fulfil(payment: Payment): Promise<{ transactionId: string }> {
    const { quoteId, creditCurrency, creditMinor } = payment.snapshot as unknown as TopUpSnapshot;
    const quote = quoteId ? await this.quotes.lockReserved(payment.userId, quoteId, payment.id) : undefined;
    const posted = await this.post(payment, quote, creditCurrency, BigInt(creditMinor));
    if (quote) await this.quotes.use(quote.id, posted.transactionId);
    const event = new TopUpSettledV1({
      paymentId: payment.id,
      userId: payment.userId,
      paidMinor: String(payment.amountMinor),
      paidCurrency: payment.currency,
      creditedMinor: creditMinor,
      creditedCurrency: creditCurrency,
      quoteId: quoteId ?? undefined,
      transactionId: posted.transactionId,
      settledAt: posted.recordedAt.toISOString(),
    });
    await this.outbox.add(event, { aggregateId: payment.id, aggregateVersion: 1 });
    return { transactionId: posted.transactionId };
  }

  /** The quote may be paid by another payment. */
  private async letGo({ id, snapshot }: Payment): Promise<void> {
    const { quoteId } = snapshot as unknown as TopUpSnapshot;
    if (quoteId) await this.quotes.free(quoteId, id);
  }

  private async post(payment: Payment, quote: Quote | undefined, currency: string, credited: bigint): Promise<Posted> {
    const { id, userId } = payment;
    const [paidInto, credit] = await this.accounts.walletIds(userId, payment.currency, currency);
    const legs: Leg[] = [
      {
        code: 'capture',
        debit: 'system:psp_clearing',
        credit: `account:${paidInto!}`,
        currency: payment.currency,
        amountMinor: payment.amountMinor,
      },
      ...(quote ? conversionLegs(quote, `account:${paidInto!}`, `account:${credit!}`) : []),
      ...repaymentLegs(await this.ledger.lockBalances(userId), credit!, currency, credited),
    ];
    return this.ledger.post({
      userId,
      kind: 'top_up',
      idempotencyKey: `payment:${id}`,
      legs,
      source: { type: 'payment', id },
      actor: 'system',
      meta: { paymentId: id, ...(quote && conversionMeta(quote)) },
      // Money that was captured belongs to the user even if the account was frozen meanwhile.
      evenFrozen: true,
    });
  }
}
