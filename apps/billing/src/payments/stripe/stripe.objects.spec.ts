import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { toMoneyLine, toSession } from './stripe.objects.js';

describe('a Checkout session', () => {
  it('counts what was agreed, not what the payer was shown in a currency of their own', () => {
    const session = {
      amount_total: 2_000,
      currency: 'eur',
      presentment_details: { presentment_amount: 1_730, presentment_currency: 'gbp' },
    } as Stripe.Checkout.Session;
    expect(toSession(session)).toMatchObject({ amountMinor: 2_000n, currency: 'EUR' });
  });
});

describe('a line of the books', () => {
  const line = { type: 'charge', reporting_category: 'charge', amount: 1_234, currency: 'usd', created: 0 };
  const of = (facts: object) => toMoneyLine({ ...line, ...facts } as Stripe.BalanceTransaction);

  it.each([
    [{ source: { object: 'charge', amount: 1_500, amount_captured: 1_000, currency: 'eur' } }, 1_000n],
    [{ amount: -500, source: { object: 'refund', amount: 400, currency: 'eur' } }, -400n],
    [{ amount: 500, source: { object: 'refund', amount: 400, currency: 'eur' } }, 400n],
    [{ amount: -1_250, source: { object: 'dispute', amount: 1_000, currency: 'eur' } }, -1_000n],
  ])('counts what the payer was charged, whatever the account settles in: %o', (facts, amountMinor) => {
    expect(of(facts)).toMatchObject({ amountMinor, currency: 'EUR' });
  });

  it.each(['dispute', 'dispute_reversal'])('of a charge-back is a %s by its category', (kind) => {
    expect(of({ type: 'adjustment', reporting_category: kind, source: 'dp_1' })).toMatchObject({
      kind,
      sourceId: 'dp_1',
    });
  });

  it.each([{ source: 'po_1' }, { source: null }, { source: { object: 'payout', amount: 1, currency: 'eur' } }])(
    'is as it stands when nobody was charged: %o',
    (facts) => {
      expect(of({ ...facts, amount: -1_234 })).toMatchObject({ amountMinor: -1_234n, currency: 'USD' });
    },
  );
});
