import { type Locale, LOCALES } from '#libs/contracts';

/** `ru-RU` -> `ru` -> `en`: the best language we have for a reader. */
export function localeFor(wanted: string | undefined): Locale {
  const language = (wanted ?? '').toLowerCase().split(/[-_]/)[0];
  return LOCALES.find((locale) => locale === language) ?? 'en';
}

const TIME: Intl.DateTimeFormatOptions = {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
  timeZone: 'UTC',
};

/** 20.00 EUR, or 20,00 EUR in Russian: always with the code, since PNT has no sign and several dollars do. */
export function formatMoney(money: { amountMinor: string; currency: string }, locale: Locale): string {
  const digits = money.amountMinor.replace('-', '').padStart(3, '0');
  const sign = money.amountMinor.startsWith('-') ? '-' : '';
  const decimal = `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}` as Intl.StringNumericLiteral;
  const format = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return `${format.format(decimal)} ${money.currency}`;
}

/** A moment for people, in UTC and saying so. */
export function formatTime(iso: string, locale: Locale): string {
  return `${new Intl.DateTimeFormat(locale, TIME).format(new Date(iso))} UTC`;
}
