import { parseRate, QUOTED, RATE_ONE, type RatesPerUsd } from '../rate.js';
import { RateSourceError } from '../rate.errors.js';
import { download, type Fetched, RateSource } from './rate-source.js';

/** ExchangeRate-API (www.exchangerate-api.com/docs): one answer has all currencies against USD. */
export class ExchangeRateApiSource extends RateSource {
  override readonly name = 'exchange-rate-api';

  /** @param key of the account; without one the open access is used. */
  constructor(
    private readonly url: string,
    private readonly key: string,
  ) {
    super();
  }

  override async fetch(): Promise<Fetched> {
    const raw = (await download(this.address())).toString('utf8');
    return { ...parseExchangeRateApi(raw), raw };
  }

  /** With a key: `/v6/<key>/latest/USD` on the paid host, unless another host is configured. */
  private address(): string {
    if (!this.key) return this.url;
    const url = new URL(this.url);
    if (url.hostname === 'open.er-api.com') url.hostname = 'v6.exchangerate-api.com';
    url.pathname = url.pathname.replace('/v6/', `/v6/${encodeURIComponent(this.key)}/`);
    return url.toString();
  }
}

interface Answer {
  result?: unknown;
  base_code?: unknown;
  time_last_update_unix?: unknown;
  rates?: Record<string, unknown>;
  conversion_rates?: Record<string, unknown>;
}

/** Reads the answer; numbers stay the text they were written as. Throws RateSourceError. */
export function parseExchangeRateApi(raw: string): Omit<Fetched, 'raw'> {
  const answer = parse(raw);
  if (answer.result !== 'success') throw new RateSourceError('not a success', raw);
  if (answer.base_code !== 'USD') throw new RateSourceError('the base is not USD', raw);
  const seconds = Number(answer.time_last_update_unix);
  if (!Number.isSafeInteger(seconds) || seconds <= 0) throw new RateSourceError('no date', raw);
  const rates = answer.rates ?? answer.conversion_rates ?? {};
  const perUsd: RatesPerUsd = { USD: RATE_ONE };
  for (const currency of QUOTED) {
    const value = rates[currency];
    const rate = value instanceof NumberText ? parseRate(value.text) : undefined;
    if (!rate) throw new RateSourceError(`no usable rate for ${currency}`, raw);
    perUsd[currency] = rate;
  }
  return { publishedAt: new Date(seconds * 1000), perUsd };
}

/** A JSON number as written. */
class NumberText {
  constructor(readonly text: string) {}

  valueOf(): number {
    return Number(this.text);
  }
}

function parse(raw: string): Answer {
  const reviver = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' ? new NumberText(context?.source ?? String(value)) : value;
  let answer: unknown;
  try {
    answer = JSON.parse(raw, reviver);
  } catch {
    throw new RateSourceError('not JSON', raw);
  }
  if (typeof answer !== 'object' || answer === null) throw new RateSourceError('not an object', raw);
  return answer;
}
