import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '#libs/database';

/** A quote as stored; amounts in minor units. */
export interface Quote {
  id: string;
  userId: string;
  from: string;
  to: string;
  amountIn: bigint;
  spread: bigint;
  amountOut: bigint;
  /** Decimal text. */
  rate: string;
  rateSetId: string;
  pointPriceId: string | null;
  createdAt: Date;
  expiresAt: Date;
  status: 'open' | 'reserved' | 'used';
  expired: boolean;
  paymentId: string | null;
  transactionId: string | null;
}

/** The same as the database gives it. */
export interface QuoteRow {
  id: string;
  user_id: string;
  from_currency: string;
  to_currency: string;
  amount_in: string;
  spread: string;
  amount_out: string;
  rate: string;
  rate_set_id: string;
  point_price_id: string | null;
  created_at: Date;
  expires_at: Date;
  status: 'open' | 'reserved' | 'used';
  expired: boolean;
  payment_id: string | null;
  transaction_id: string | null;
}

/** The database's clock says whether a quote still holds. */
const SELECT = 'SELECT *, expires_at <= clock_timestamp() AS expired FROM quotes';

/** What a new quote is made of. */
export type NewQuote = Pick<
  Quote,
  'id' | 'userId' | 'from' | 'to' | 'amountIn' | 'spread' | 'amountOut' | 'rate' | 'rateSetId' | 'pointPriceId'
> & { minutes: number };

@Injectable()
export class QuotesRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async insert(quote: NewQuote): Promise<Quote> {
    const [row] = await this.unitOfWork.manager.query<QuoteRow[]>(
      `INSERT INTO quotes (id, user_id, from_currency, to_currency, amount_in, spread, amount_out, rate, rate_set_id,
         point_price_id, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now() + make_interval(mins => $11)) RETURNING *, false AS expired`,
      [
        quote.id,
        quote.userId,
        quote.from,
        quote.to,
        String(quote.amountIn),
        String(quote.spread),
        String(quote.amountOut),
        quote.rate,
        quote.rateSetId,
        quote.pointPriceId,
        quote.minutes,
      ],
    );
    return toQuote(row!);
  }

  async find(userId: string, id: string): Promise<Quote | undefined> {
    const [row] = await this.unitOfWork.manager.query<QuoteRow[]>(`${SELECT} WHERE id = $1 AND user_id = $2`, [
      id,
      userId,
    ]);
    return row && toQuote(row);
  }

  /** The quote, locked until the ambient transaction ends. */
  async lock(userId: string, id: string): Promise<Quote | undefined> {
    const { manager } = this.unitOfWork.requireTransaction();
    const [row] = await manager.query<QuoteRow[]>(`${SELECT} WHERE id = $1 AND user_id = $2 FOR UPDATE`, [id, userId]);
    return row && toQuote(row);
  }

  async reserve(id: string, paymentId: string): Promise<void> {
    await this.unitOfWork.manager.query(
      `UPDATE quotes SET status = 'reserved', payment_id = $2 WHERE id = $1 AND status = 'open'`,
      [id, paymentId],
    );
  }

  async free(id: string, paymentId: string): Promise<void> {
    await this.unitOfWork.manager.query(
      `UPDATE quotes SET status = 'open', payment_id = NULL WHERE id = $1 AND status = 'reserved' AND payment_id = $2`,
      [id, paymentId],
    );
  }

  async use(id: string, transactionId: string): Promise<void> {
    await this.unitOfWork.manager.query(
      `UPDATE quotes SET status = 'used', transaction_id = $2 WHERE id = $1 AND status <> 'used'`,
      [id, transactionId],
    );
  }
}

/** What a row says. */
export function toQuote(row: QuoteRow): Quote {
  return {
    id: row.id,
    userId: row.user_id,
    from: row.from_currency,
    to: row.to_currency,
    amountIn: BigInt(row.amount_in),
    spread: BigInt(row.spread),
    amountOut: BigInt(row.amount_out),
    rate: row.rate,
    rateSetId: row.rate_set_id,
    pointPriceId: row.point_price_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    status: row.status,
    expired: row.expired,
    paymentId: row.payment_id,
    transactionId: row.transaction_id,
  };
}
