import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';
import { AccountsService } from '../accounts/accounts.service.js';
import { LedgerService } from '../ledger/ledger.service.js';
import type { Quote } from '../quotes/quotes.repository.js';
import { mustBeOpen, QuotesService } from '../quotes/quotes.service.js';
import { conversionLegs, conversionMeta } from './conversion-legs.js';

/** A conversion that has been made. */
export interface Converted {
  transactionId: string;
  quote: Quote;
}

@Injectable()
export class ConversionsService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly quotes: QuotesService,
    private readonly accounts: AccountsService,
    private readonly ledger: LedgerService,
  ) {}

  /** Makes the conversion a quote promises. Throws the quote's errors, InsufficientFundsError, AccountNotUsableError. */
  async convert(userId: string, quoteId: string): Promise<Converted> {
    return this.unitOfWork.run(async () => {
      const quote = await this.quotes.lock(userId, quoteId);
      // The reply to a conversion was lost: made once, told twice.
      if (quote.status === 'used' && !quote.paymentId) return { transactionId: quote.transactionId!, quote };
      mustBeOpen(quote);
      const [from, to] = await this.accounts.walletIds(userId, quote.from, quote.to);
      const { transactionId } = await this.ledger.post({
        userId,
        kind: 'conversion',
        idempotencyKey: `quote:${quote.id}`,
        legs: conversionLegs(quote, `account:${from!}`, `account:${to!}`),
        source: { type: 'quote', id: quote.id },
        actor: userId,
        meta: conversionMeta(quote),
      });
      await this.quotes.use(quote.id, transactionId);
      return { transactionId, quote };
    });
  }
}
