import { divideRates, parseRate, RATE_ONE, type RatesPerUsd } from '../rate.js';
import { RateSourceError } from '../rate.errors.js';
import { download, type Fetched, RateSource } from './rate-source.js';

/** Bank of Russia's daily list (cbr.ru/development/sxml): roubles per nominal of each currency, for the date it names. */
export class BankOfRussiaSource extends RateSource {
  override readonly name = 'bank-of-russia';

  constructor(private readonly url: string) {
    super();
  }

  override async fetch(): Promise<Fetched> {
    const raw = new TextDecoder('windows-1251').decode(await download(this.url));
    return { ...parseBankOfRussia(raw), raw };
  }
}

/** Reads the list. Throws RateSourceError, also for the HTML page its shield sometimes serves instead. */
export function parseBankOfRussia(raw: string): Omit<Fetched, 'raw'> {
  const date = /<ValCurs\s[^>]*Date="(\d{2})\.(\d{2})\.(\d{4})"/.exec(raw);
  if (!date || !raw.includes('</ValCurs>')) throw new RateSourceError('not the daily list', raw);
  const [, day, month, year] = date;
  const roubles = new Map<string, bigint>();
  for (const [, valute] of raw.matchAll(/<Valute\b[^>]*>(.*?)<\/Valute>/gs)) {
    const code = field(valute!, 'CharCode');
    const nominal = parseRate(field(valute!, 'Nominal') ?? '');
    const value = parseRate((field(valute!, 'Value') ?? '').replace(',', '.'));
    if (code && nominal && value) roubles.set(code, divideRates(value, nominal));
  }
  const perUsd: RatesPerUsd = { USD: RATE_ONE, RUB: needed(roubles, 'USD', raw) };
  for (const currency of ['EUR', 'CNY']) perUsd[currency] = divideRates(perUsd['RUB']!, needed(roubles, currency, raw));
  // The list is for a day in Moscow.
  return { publishedAt: new Date(`${year}-${month}-${day}T00:00:00+03:00`), perUsd };
}

function field(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]?.trim();
}

function needed(roubles: Map<string, bigint>, currency: string, raw: string): bigint {
  const rate = roubles.get(currency);
  if (!rate) throw new RateSourceError(`no usable rate for ${currency}`, raw);
  return rate;
}
