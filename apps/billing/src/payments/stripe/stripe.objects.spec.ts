import type Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { toSession } from './stripe.objects.js';

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
