import { describe, expect, it } from 'vitest';
import type { CheckoutSession } from './payment-provider.js';
import { settlementOf } from './settlement.js';

const payment = { id: 'p', userId: 'u', amountMinor: 2_000n, currency: 'EUR' };
const session: CheckoutSession = {
  id: 'cs',
  url: null,
  status: 'complete',
  paymentStatus: 'paid',
  mode: 'payment',
  amountMinor: 2_000n,
  currency: 'EUR',
  livemode: false,
  paymentId: 'p',
  userId: 'u',
  intentId: 'pi',
  intentStatus: 'succeeded',
};

describe('a session', () => {
  it('pays the payment it was made for', () => {
    expect(settlementOf(payment, session, false)).toEqual({ is: 'paid' });
  });

  it.each<[string, Partial<CheckoutSession>]>([
    ['amount', { amountMinor: 1_999n }],
    ['amount', { amountMinor: 2_001n }],
    ['amount', { amountMinor: null }],
    ['currency', { currency: 'USD' }],
    ['mode', { mode: 'subscription' }],
    ['kind of money', { livemode: true }],
    ['user', { userId: 'somebody' }],
    ['payment', { paymentId: 'another' }],
  ])('with another %s grants nothing', (_, change) => {
    expect(settlementOf(payment, { ...session, ...change }, false)).toMatchObject({ is: 'mismatch' });
  });

  it('of test money pays nothing where money is real', () => {
    expect(settlementOf(payment, session, true)).toEqual({ is: 'mismatch', reason: 'livemode is false' });
  });

  it.each<[string, Partial<CheckoutSession>]>([
    ['open', { status: 'open', paymentStatus: 'unpaid' }],
    ['open', { status: 'a state of tomorrow' }],
    ['expired', { status: 'expired', paymentStatus: 'unpaid' }],
    ['processing', { paymentStatus: 'unpaid', intentStatus: 'processing' }],
    ['processing', { paymentStatus: 'a state of tomorrow', intentStatus: null }],
    // Nothing of ours is free, so "nothing to pay" is not a payment.
    ['processing', { paymentStatus: 'no_payment_required', intentStatus: null }],
    ['failed', { paymentStatus: 'unpaid', intentStatus: 'requires_payment_method' }],
    ['failed', { paymentStatus: 'unpaid', intentStatus: 'canceled' }],
  ])('means %s when it is %o', (is, change) => {
    expect(settlementOf(payment, { ...session, ...change }, false)).toEqual({ is });
  });
});
