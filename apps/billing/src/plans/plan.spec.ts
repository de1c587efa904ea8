import { describe, expect, it } from 'vitest';
import { assertTimeOfSale, isOnSale, offerIn, type Plan } from './plan.js';

const plan: Plan = {
  id: '0197d000-0000-7000-8000-000000000003',
  product: 'cinema',
  productName: 'Cinema',
  name: 'Standard',
  termMonths: 3,
  features: { max_devices: 2, video_quality: 'full_hd' },
  prices: [{ currency: 'EUR', amountMinor: 2_390n }],
  pricesVersion: 1,
  graceDays: 3,
  refundPolicy: 'unused_months',
  activeFrom: new Date('2026-01-01T00:00:00Z'),
  activeUntil: new Date('2026-07-01T00:00:00Z'),
};

describe('a plan', () => {
  it.each([
    ['2025-12-31T23:59:59.999Z', false],
    ['2026-01-01T00:00:00.000Z', true],
    ['2026-06-30T23:59:59.999Z', true],
    ['2026-07-01T00:00:00.000Z', false],
  ])('is on sale from its first moment to the one before its last: %s %s', (now, expected) => {
    expect(isOnSale(plan, new Date(now))).toBe(expected);
  });

  it('is on sale for ever without an end', () => {
    expect(isOnSale({ ...plan, activeUntil: null }, new Date('2100-01-01T00:00:00Z'))).toBe(true);
  });

  it('is sold for some time: its sale ends after it begins, or never', () => {
    const { activeFrom } = plan;
    for (const activeUntil of [null, new Date(+activeFrom + 1)]) {
      expect(() => assertTimeOfSale({ activeFrom, activeUntil })).not.toThrow();
    }
    for (const activeUntil of [activeFrom, new Date(+activeFrom - 1)]) {
      expect(() => assertTimeOfSale({ activeFrom, activeUntil })).toThrow('not valid');
    }
  });

  it('offers nothing in a currency it has no price in', () => {
    expect(offerIn(plan, 'USD')).toBeUndefined();
  });

  it('makes an offer that survives being stored as JSON and holds all terms of the sale', () => {
    const offer = offerIn(plan, 'EUR');
    expect(JSON.parse(JSON.stringify(offer))).toEqual({
      planId: plan.id,
      product: 'cinema',
      productName: 'Cinema',
      planName: 'Standard',
      termMonths: 3,
      features: { max_devices: 2, video_quality: 'full_hd' },
      currency: 'EUR',
      amountMinor: '2390',
      graceDays: 3,
      refundPolicy: 'unused_months',
    });
  });
});
