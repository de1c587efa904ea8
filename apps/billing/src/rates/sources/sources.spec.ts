import { describe, expect, it } from 'vitest';
import { formatRate, RATE_ONE } from '../rate.js';
import { parseBankOfRussia } from './bank-of-russia.source.js';
import { parseExchangeRateApi } from './exchange-rate-api.source.js';

/** As the sources answer. */
const JSON_ANSWER =
  '{"result":"success","provider":"https://www.exchangerate-api.com","time_last_update_unix":1724025751,"time_next_update_unix":1724112381,"time_eol_unix":0,"base_code":"USD","rates":{"USD":1,"CNY":7.165629,"EUR":0.907539,"RUB":89.378323}}';
const XML_ANSWER =
  '<?xml version="1.0" encoding="windows-1251"?><ValCurs Date="25.04.2026" name="Foreign Currency Market">' +
  '<Valute ID="R01235"><NumCode>840</NumCode><CharCode>USD</CharCode><Nominal>1</Nominal><Name>Доллар США</Name><Value>75,5273</Value><VunitRate>75,5273</VunitRate></Valute>' +
  '<Valute ID="R01239"><NumCode>978</NumCode><CharCode>EUR</CharCode><Nominal>1</Nominal><Name>Евро</Name><Value>88,2826</Value><VunitRate>88,2826</VunitRate></Valute>' +
  '<Valute ID="R01375"><NumCode>156</NumCode><CharCode>CNY</CharCode><Nominal>10</Nominal><Name>Юаней</Name><Value>110,2700</Value><VunitRate>11,027</VunitRate></Valute></ValCurs>';

describe('ExchangeRate-API', () => {
  it('is read to the last digit', () => {
    expect(parseExchangeRateApi(JSON_ANSWER)).toEqual({
      publishedAt: new Date('2024-08-19T00:02:31Z'),
      perUsd: { USD: RATE_ONE, CNY: 7_165_629_000_000n, EUR: 907_539_000_000n, RUB: 89_378_323_000_000n },
    });
  });

  it('is read with a key as well', () => {
    const keyed = JSON_ANSWER.replace('"rates"', '"conversion_rates"');
    expect(parseExchangeRateApi(keyed).perUsd['EUR']).toBe(907_539_000_000n);
  });

  it.each([
    ['a rate of zero', JSON_ANSWER.replace('89.378323', '0')],
    ['a negative rate', JSON_ANSWER.replace('89.378323', '-89.3')],
    ['text for a rate', JSON_ANSWER.replace('89.378323', '"N/A"')],
    ['null for a rate', JSON_ANSWER.replace('89.378323', 'null')],
    ['an exponent', JSON_ANSWER.replace('89.378323', '8.9e1')],
    ['no rouble', JSON_ANSWER.replace(',"RUB":89.378323', '')],
    ['another base', JSON_ANSWER.replace('"base_code":"USD"', '"base_code":"EUR"')],
    ['an error', '{"result":"error","error-type":"quota-reached"}'],
    ['half an answer', JSON_ANSWER.slice(0, 120)],
    ['a page', '<!doctype html><html></html>'],
    ['nothing', ''],
    ['null', 'null'],
  ])('with %s is refused', (_, raw) => {
    expect(() => parseExchangeRateApi(raw)).toThrow(expect.objectContaining({ name: 'RateSourceError', raw }));
  });
});

describe('the Bank of Russia', () => {
  it('is turned from roubles per nominal into units per dollar', () => {
    const { publishedAt, perUsd } = parseBankOfRussia(XML_ANSWER);
    expect(publishedAt).toEqual(new Date('2026-04-24T21:00:00Z'));
    expect(Object.entries(perUsd).map(([code, rate]) => [code, formatRate(rate)])).toEqual([
      ['USD', '1'],
      ['RUB', '75.5273'],
      ['EUR', '0.855517395273'],
      ['CNY', '6.849306248299'],
    ]);
  });

  it.each([
    ['a page of its shield', '<!doctype html><html><title>DDoS-Guard</title></html>'],
    ['half an answer', XML_ANSWER.slice(0, 500)],
    ['no euro', XML_ANSWER.replace('>EUR<', '>ZZZ<')],
    ['a rate of zero', XML_ANSWER.replace('<Value>88,2826', '<Value>0,0000')],
    ['a nominal of zero', XML_ANSWER.replace('<Nominal>10<', '<Nominal>0<')],
    ['wrong parameters', '<?xml version="1.0"?><ValCurs>Error in parameters</ValCurs>'],
  ])('with %s is refused', (_, raw) => {
    expect(() => parseBankOfRussia(raw)).toThrow(expect.objectContaining({ name: 'RateSourceError' }));
  });
});
