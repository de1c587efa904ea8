import type Stripe from 'stripe';
import { newId } from '../ids.ts';

export interface EntryFacts {
  created: number;
  currency: string;
  amount: number;
  fee: number;
  exchangeRate: number | null;
  source: string;
  type: Stripe.BalanceTransaction.Type;
  category: string;
  description: string | null;
}

/** One line of Stripe's own books, in the currency it settles in. */
export function balanceTransaction(facts: EntryFacts): Stripe.BalanceTransaction {
  return {
    id: newId('txn_3', 23),
    object: 'balance_transaction',
    amount: facts.amount,
    available_on: facts.created + 2 * 86_400,
    balance_type: 'payments',
    created: facts.created,
    currency: facts.currency,
    description: facts.description,
    exchange_rate: facts.exchangeRate,
    fee: facts.fee,
    fee_details:
      facts.fee === 0
        ? []
        : [
            {
              amount: facts.fee,
              application: null,
              currency: facts.currency,
              description: 'Stripe processing fees',
              type: 'stripe_fee',
            },
          ],
    net: facts.amount - facts.fee,
    reporting_category: facts.category,
    source: facts.source,
    status: 'pending',
    type: facts.type,
  };
}
