import { Injectable } from '@nestjs/common';
import { Batcher, UnitOfWork } from '#libs/database';
import { UnavailableError } from '#libs/errors';
import { Outbox } from '#libs/messaging';
import { AccountsService } from '../accounts/accounts.service.js';
import type { PostingRequest } from '../ledger/ledger.js';
import { LedgerService } from '../ledger/ledger.service.js';
import { type PostingInput, toInput } from '../ledger/posting-input.js';
import type { Quote } from '../quotes/quotes.repository.js';
import { mustBeOpen, QuotesService } from '../quotes/quotes.service.js';
import { conversionLegs, conversionMeta } from './conversion-legs.js';
import { type Asked, ConversionsRepository, type Ready } from './conversions.repository.js';

/** A conversion that has been made. */
export interface Converted {
  transactionId: string;
  quote: Quote;
}

/** Conversions in one statement: what they lock stays locked for as long as all of them take. */
const TOGETHER = 50;

@Injectable()
export class ConversionsService {
  private readonly looking = new Batcher<Asked, Ready | undefined>((asked) => this.look(asked), TOGETHER);
  private readonly making = new Batcher<PostingInput, boolean>((postings) => this.make(postings), TOGETHER);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: ConversionsRepository,
    private readonly outbox: Outbox,
    private readonly quotes: QuotesService,
    private readonly accounts: AccountsService,
    private readonly ledger: LedgerService,
  ) {}

  /**
   * Makes the conversion a quote promises; those asked for at the same time share a statement. Throws the quote's errors,
   * InsufficientFundsError, AccountNotUsableError.
   */
  async convert(userId: string, quoteId: string): Promise<Converted> {
    return (await this.convertFree(userId, quoteId)) ?? this.convertAlone(userId, quoteId);
  }

  /**
   * Makes a conversion that needs no waiting and no explanation, together with others. Whatever is out of the ordinary comes back
   * undefined, to be made or refused by itself: so none waits for the lock of another's wallet or fails with it.
   */
  private async convertFree(userId: string, quoteId: string): Promise<Converted | undefined> {
    const ready = await this.looking.run({ userId, quoteId });
    if (!ready) return undefined;
    const { quote, fromWallet, toWallet } = ready;
    const posting = toInput(postingOf(quote, fromWallet, toWallet));
    return (await this.making.run(posting)) ? { transactionId: posting.transactionId, quote } : undefined;
  }

  private async look(asked: Asked[]): Promise<(Ready | undefined)[]> {
    const ready = await this.repository.ready(asked);
    return asked.map(({ userId, quoteId }) => {
      const own = ready.get(quoteId);
      return own?.quote.userId === userId ? own : undefined;
    });
  }

  private async make(postings: PostingInput[]): Promise<boolean[]> {
    try {
      const made = await this.repository.convertFree(postings);
      this.outbox.announce();
      return postings.map(({ transactionId }) => made.has(transactionId));
    } catch (error) {
      if (error instanceof UnavailableError) throw error;
      return postings.map(() => false);
    }
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
