import { Injectable } from '@nestjs/common';
import { uuidv7 } from '#libs/contracts';
import { CurrenciesService } from '../money/currencies.service.js';
import type { MoneyDto } from '../money/money.dto.js';
import { MAX_AMOUNT_MINOR } from '../money/money.js';
import { formatRate } from '../rates/rate.js';
import { RatesService } from '../rates/rates.service.js';
import {
  NotConvertibleError,
  PointsNotSoldError,
  QuoteExpiredError,
  QuoteNotFoundError,
  QuoteSameCurrencyError,
  QuoteUsedError,
} from './quote.errors.js';
import { convert, QUOTE_MINUTES } from './quote.js';
import { type Quote, QuotesRepository } from './quotes.repository.js';

@Injectable()
export class QuotesService {
  constructor(
    private readonly repository: QuotesRepository,
    private readonly rates: RatesService,
    private readonly currencies: CurrenciesService,
  ) {}

  /**
   * Promises a conversion for half an hour. Throws RatesStaleError, UnknownCurrencyError, QuoteSameCurrencyError,
   * PointsNotSoldError, NotConvertibleError or an amount's error.
   */
  async create(userId: string, wanted: { from: MoneyDto; to: string }): Promise<Quote> {
    const [amount, from, to] = await Promise.all([
      this.currencies.parse(wanted.from),
      this.currencies.get(wanted.from.currency),
      this.currencies.get(wanted.to),
    ]);
    if (from.code === to.code) throw new QuoteSameCurrencyError();
    if (from.kind === 'point') throw new PointsNotSoldError();
    const rates = await this.rates.inForce();
    const { amountIn, spread, amountOut, rate } = convert(amount.amountMinor, { from, to, perUsd: rates.perUsd });
    if (amountOut < 1n || amountOut > MAX_AMOUNT_MINOR) throw new NotConvertibleError();
    return this.repository.insert({
      id: uuidv7(),
      userId,
      from: from.code,
      to: to.code,
      amountIn,
      spread,
      amountOut,
      rate: formatRate(rate),
      rateSetId: rates.rateSetId,
      pointPriceId: to.kind === 'point' ? rates.pointPriceId : null,
      minutes: QUOTE_MINUTES,
    });
  }

  /** Throws QuoteNotFoundError, also for somebody else's quote. */
  async get(userId: string, id: string): Promise<Quote> {
    const quote = await this.repository.find(userId, id);
    if (!quote) throw new QuoteNotFoundError();
    return quote;
  }

  /** The quote, locked in the ambient transaction, whatever became of it. Throws QuoteNotFoundError, also for somebody else's. */
  async lock(userId: string, id: string): Promise<Quote> {
    const quote = await this.repository.lock(userId, id);
    if (!quote) throw new QuoteNotFoundError();
    return quote;
  }

  /** The quote, locked in the ambient transaction and still good. Throws QuoteNotFoundError, QuoteUsedError, QuoteExpiredError. */
  async lockOpen(userId: string, id: string): Promise<Quote> {
    const quote = await this.lock(userId, id);
    mustBeOpen(quote);
    return quote;
  }

  /** The quote a payment has reserved, locked; it holds however late the money comes, because the session ends with it. */
  async lockReserved(userId: string, id: string, paymentId: string): Promise<Quote> {
    const quote = await this.lock(userId, id);
    if (quote.status !== 'reserved' || quote.paymentId !== paymentId) throw new QuoteUsedError();
    return quote;
  }

  /** Keeps an open quote for one payment. */
  async reserve(id: string, paymentId: string): Promise<void> {
    await this.repository.reserve(id, paymentId);
  }

  /** Opens a quote again that was kept for a payment nobody can make. */
  async free(id: string, paymentId: string): Promise<void> {
    await this.repository.free(id, paymentId);
  }

  /** Marks a locked quote as spent by a transaction. */
  async use(id: string, transactionId: string): Promise<void> {
    await this.repository.use(id, transactionId);
  }
}

/** Throws QuoteUsedError or QuoteExpiredError when nothing can be bought with this quote any more. */
export function mustBeOpen({ status, expired }: Quote): void {
  if (status !== 'open') throw new QuoteUsedError();
  if (expired) throw new QuoteExpiredError();
}
