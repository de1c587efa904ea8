import type { Plan } from './plan.js';

const STANDARD = { video_quality: 'full_hd', max_devices: 2, downloads: true };

/** Minor units of the 1, 3 and 6 month plans. */
const PRICES: Record<string, readonly [bigint, bigint, bigint]> = {
  USD: [9_99n, 26_99n, 47_99n],
  EUR: [8_99n, 23_99n, 42_99n],
  CNY: [69_00n, 189_00n, 339_00n],
  RUB: [799_00n, 2_190_00n, 3_990_00n],
  PNT: [500_00n, 1_350_00n, 2_400_00n],
};

/** The catalogue a demonstration starts with: one product, Standard for 1, 3 and 6 months. Ids are fixed, so seeding twice adds nothing. */
export const DEMO_PLANS: readonly Plan[] = [1, 3, 6].map((termMonths, index) => ({
  id: `0197d000-0000-7000-8000-00000000000${termMonths}`,
  product: 'cinema',
  productName: 'Cinema',
  name: 'Standard',
  termMonths,
  features: STANDARD,
  prices: Object.entries(PRICES).map(([currency, amounts]) => ({ currency, amountMinor: amounts[index]! })),
  pricesVersion: 1,
  graceDays: 3,
  refundPolicy: 'unused_months',
  activeFrom: new Date('2026-01-01T00:00:00Z'),
  activeUntil: null,
}));
