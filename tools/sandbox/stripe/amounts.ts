import { invalidParam } from './errors.ts';

/** Smallest charge per currency in minor units: US$0.50 or about its worth; Stripe judges it in the settlement currency. */
const LEAST: Record<string, number> = { usd: 50, eur: 50, gbp: 30, cny: 400, rub: 4500 };
const MOST = 99_999_999;

/** Refuses what Stripe refuses: an unsupported currency, less than the minimum, more than eight digits. */
export function checkAmount(amount: number, currency: string, supported: readonly string[], param: string): void {
  if (amount > MOST) {
    throw invalidParam(`Amount must be no more than ${display(MOST, currency)}`, param, 'amount_too_large');
  }
  if (amount < leastAmount(currency)) {
    const message =
      currency === 'usd' || currency === 'eur'
        ? 'Amount must be at least 50 cents'
        : `Amount must convert to at least 50 cents. ${display(amount, currency)} is less than that.`;
    throw invalidParam(message, param, 'amount_too_small');
  }
  checkCurrency(currency, supported, param);
}

/** Refuses a currency that the account cannot charge. */
export function checkCurrency(currency: string, supported: readonly string[], param: string): void {
  if (supported.includes(currency)) return;
  throw invalidParam(
    `Invalid currency: ${currency}. Stripe currently supports these currencies: ${supported.join(', ')}`,
    param,
  );
}

function leastAmount(currency: string): number {
  return LEAST[currency] ?? 50;
}

/** Minor units as people write them; every currency here has two decimals. */
export function display(amount: number, currency: string): string {
  const sign = amount < 0 ? '-' : '';
  const digits = String(Math.abs(amount)).padStart(3, '0');
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)} ${currency.toUpperCase()}`;
}

/** Stripe's published card price, 2.9 % + 30 minor units, rounded half up. */
export function processingFee(amount: number): number {
  return Math.floor((amount * 29 + 500) / 1000) + 30;
}
