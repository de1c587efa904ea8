import type Stripe from 'stripe';
import { balanceTransaction, type EntryFacts } from './objects/balance.ts';
import type { StripeWorld } from './world.ts';

/** Writes a line into Stripe's own books, now, exchanged when its currency settles in another. */
export function enter(
  world: StripeWorld,
  facts: Omit<EntryFacts, 'created' | 'exchangeRate'>,
): Stripe.BalanceTransaction {
  const created = world.clock.seconds();
  const settled = world.settlements.get(facts.currency);
  const line = balanceTransaction({
    ...facts,
    created,
    ...(settled
      ? {
          currency: settled.currency,
          amount: Math.round(facts.amount * settled.rate),
          fee: Math.round(facts.fee * settled.rate),
          exchangeRate: settled.rate,
        }
      : { exchangeRate: null }),
  });
  return world.balanceTransactions.put(line.id, line);
}
