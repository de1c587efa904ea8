import { Injectable } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import { Batcher, UnitOfWork } from '#libs/database';
import { UnavailableError } from '#libs/errors';
import { activeTraceparent } from '#libs/messaging';
import { AccountsService } from '../accounts/accounts.service.js';
import type { PostingRequest } from '../ledger/ledger.js';
import { LedgerService } from '../ledger/ledger.service.js';
import type { Quote, Spent } from '../quotes/quotes.repository.js';
import { mustBeOpen, QuotesService } from '../quotes/quotes.service.js';
import { conversionLegs, conversionMeta } from './conversion-legs.js';

/** A conversion that has been made. */
export interface Converted {
  transactionId: string;
  quote: Quote;
}

/** A conversion somebody waits for. */
interface Asked {
  userId: string;
  quoteId: string;
  traceparent: string | undefined;
}

/** Conversions in one transaction: what they lock stays locked for as long as all of them take. */
const TOGETHER = 50;

@Injectable()
export class ConversionsService {
  private readonly together = new Batcher<Asked, Converted | undefined>(
    (asked) => this.convertTogether(asked),
    TOGETHER,
  );

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly quotes: QuotesService,
    private readonly accounts: AccountsService,
    private readonly ledger: LedgerService,
  ) {}

  /**
   * Makes the conversion a quote promises; those asked for at the same time share a transaction. Throws the quote's errors,
   * InsufficientFundsError, AccountNotUsableError.
   */
  async convert(userId: string, quoteId: string): Promise<Converted> {
    const converted = await this.together.run({ userId, quoteId, traceparent: activeTraceparent() });
    return converted ?? this.convertAlone(userId, quoteId);
  }

  private async convertAlone(userId: string, quoteId: string): Promise<Converted> {
    return this.unitOfWork.run(async () => {
      const quote = await this.quotes.lock(userId, quoteId);
      // The reply to a conversion was lost: made once, told twice.
      if (quote.status === 'used' && !quote.paymentId) return { transactionId: quote.transactionId!, quote };
      mustBeOpen(quote);
      const [from, to] = await this.accounts.walletIds(userId, quote.from, quote.to);
      const { transactionId } = await this.ledger.post(postingOf(quote, from!, to!));
      await this.quotes.use(quote.id, transactionId);
      return { transactionId, quote };
    });
  }

  /**
   * Makes the conversions that need no waiting and no explanation in one transaction. Whatever is out of the ordinary comes back
   * undefined, to be made or refused by itself: so none waits for the lock of another's wallet or fails with it.
   */
  private async convertTogether(asked: Asked[]): Promise<(Converted | undefined)[]> {
    if (asked.length === 1) return [undefined];
    try {
      const converted = await this.unitOfWork.run(() => this.convertEach(asked));
      return asked.map(({ userId, quoteId }) => {
        const own = converted.get(quoteId);
        // Who asks for the same quote at the same time hears of it by itself.
        converted.delete(quoteId);
        return own?.quote.userId === userId ? own : undefined;
      });
    } catch (error) {
      if (error instanceof UnavailableError) throw error;
      return asked.map(() => undefined);
    }
  }

  private async convertEach(asked: Asked[]): Promise<Map<string, Converted>> {
    const spent = await this.quotes.spendFree(asked.map((each) => ({ ...each, transactionId: uuidv7() })));
    if (spent.length === 0) return new Map();
    const traces = new Map(asked.map(({ quoteId, traceparent }) => [quoteId, traceparent]));
    const posted = await this.ledger.postEach(
      spent.map(({ quote, transactionId, fromWallet, toWallet }) => ({
        ...postingOf(quote, fromWallet, toWallet),
        transactionId,
        traceparent: traces.get(quote.id),
      })),
    );
    const isMade = ({ transactionId }: Spent, index: number): boolean => posted[index]?.transactionId === transactionId;
    await this.quotes.reopen(spent.filter((each, index) => !isMade(each, index)).map(({ quote }) => quote));
    const made = spent.filter(isMade);
    return new Map(made.map(({ quote, transactionId }) => [quote.id, { transactionId, quote }]));
  }
}

function postingOf(quote: Quote, from: string, to: string): PostingRequest {
  return {
    userId: quote.userId,
    kind: 'conversion',
    idempotencyKey: `quote:${quote.id}`,
    legs: conversionLegs(quote, `account:${from}`, `account:${to}`),
    source: { type: 'quote', id: quote.id },
    actor: quote.userId,
    meta: conversionMeta(quote),
  };
}
