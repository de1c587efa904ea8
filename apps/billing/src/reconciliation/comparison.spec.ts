import { describe, expect, it } from 'vitest';
import type { ProviderMoneyLine } from '../payments/payment-provider.js';
import { compareCredits, compareLines, type OurSide } from './comparison.js';

const charge: ProviderMoneyLine = {
  id: 'txn_1',
  kind: 'charge',
  sourceId: 'ch_1',
  intentId: 'pi_1',
  paymentId: 'p',
  amountMinor: 1_000n,
  currency: 'EUR',
  createdAt: new Date(0),
};
const refund: ProviderMoneyLine = { ...charge, id: 'txn_2', kind: 'refund', sourceId: 're_1', amountMinor: -400n };
const failure: ProviderMoneyLine = { ...refund, id: 'txn_3', kind: 'refund_failure', amountMinor: 400n };
const dispute: ProviderMoneyLine = { ...charge, id: 'txn_4', kind: 'dispute', sourceId: 'dp_1', amountMinor: -600n };
const reversal: ProviderMoneyLine = { ...dispute, id: 'txn_5', kind: 'dispute_reversal', amountMinor: 600n };

const refunded = { providerId: 're_1', status: 'succeeded', takenMinor: 400n, returned: false };
const ours: OurSide = {
  paymentId: 'p',
  intentId: 'pi_1',
  status: 'succeeded',
  amountMinor: 1_000n,
  currency: 'EUR',
  createdAt: new Date(0),
  bookedMinor: 1_000n,
  refunds: [refunded],
  disputes: [{ id: 'dp_1', state: 'open' }],
};

const found = (line: ProviderMoneyLine, mine: OurSide | undefined): string[] =>
  compareLines([line], new Map(mine ? [[mine.intentId, mine]] : [])).map(({ what }) => what);

describe("the provider's books and ours", () => {
  it('agree about what was captured, refunded and disputed', () => {
    expect(compareLines([charge, refund, dispute], new Map([['pi_1', ours]]))).toEqual([]);
    expect(found(failure, { ...ours, refunds: [{ ...refunded, returned: true }] })).toEqual([]);
    for (const takenMinor of [0n, 100n]) {
      const failed = { ...refunded, status: 'failed', takenMinor, returned: takenMinor > 0n };
      for (const line of [refund, failure]) expect(found(line, { ...ours, refunds: [failed] })).toEqual([]);
    }
    expect(found(reversal, { ...ours, disputes: [{ id: 'dp_1', state: 'won' }] })).toEqual([]);
    expect(compareCredits([ours], [charge])).toEqual([]);
  });

  it.each<[string, ProviderMoneyLine, Partial<OurSide>]>([
    ['captured_not_credited', charge, { status: 'needs_review' }],
    ['captured_not_credited', charge, { bookedMinor: null }],
    ['amount_differs', charge, { bookedMinor: 999n }],
    ['amount_differs', charge, { amountMinor: 999n }],
    ['amount_differs', charge, { currency: 'USD' }],
    ['refund_not_booked', refund, { refunds: [] }],
    ['refund_not_booked', refund, { refunds: [{ ...refunded, providerId: 're_2' }] }],
    ['refund_not_booked', refund, { refunds: [{ ...refunded, takenMinor: 0n }] }],
    ['refund_not_booked', refund, { refunds: [{ ...refunded, takenMinor: 399n }] }],
    ['refund_not_returned', failure, {}],
    ['dispute_not_recorded', dispute, { disputes: [{ id: 'dp_2', state: 'open' }] }],
    ['dispute_not_recorded', reversal, { disputes: [] }],
    ['dispute_not_returned', reversal, {}],
    ['dispute_not_returned', reversal, { disputes: [{ id: 'dp_1', state: 'lost' }] }],
  ])('differ by %s', (what, line, change) => {
    expect(found(line, { ...ours, ...change })).toEqual([what]);
  });

  it('differ by money that is not ours, and by a credit nobody captured', () => {
    for (const line of [charge, refund, failure, dispute, reversal]) {
      expect(found(line, undefined)).toEqual(['captured_not_ours']);
      expect(found({ ...line, intentId: null }, ours)).toEqual(['captured_not_ours']);
    }
    expect(found({ ...charge, kind: 'other' }, undefined)).toEqual([]);
    expect(compareCredits([ours], [refund, { ...charge, intentId: 'pi_2' }])).toMatchObject([
      { what: 'credited_not_captured', subject: 'p' },
    ]);
  });
});
