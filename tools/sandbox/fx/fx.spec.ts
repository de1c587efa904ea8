import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { addFault, control, startSandbox } from '../testing/harness.ts';

interface Latest {
  result: string;
  time_last_update_unix: number;
  time_next_update_unix: number;
  base_code: string;
  rates: Record<string, number>;
  conversion_rates: Record<string, number>;
}

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

async function latest(path = 'latest/USD'): Promise<Latest> {
  return (await (await fetch(`${sandbox.urls.fx}/v6/${path}`)).json()) as Latest;
}

async function xml(query = ''): Promise<string> {
  const response = await fetch(`${sandbox.urls.fx}/scripts/XML_daily.asp${query}`);
  expect(response.headers.get('content-type')).toBe('application/xml; charset=windows-1251');
  return new TextDecoder('windows-1251').decode(await response.arrayBuffer());
}

/** Roubles for one unit, read as a client reads them: comma to dot, value by nominal. */
function roubles(text: string, code: string): number {
  const item = new RegExp(
    `<CharCode>${code}</CharCode><Nominal>(\\d+)</Nominal><Name>[^<]+</Name><Value>(\\d+),(\\d{4})</Value>`,
  ).exec(text);
  if (!item) throw new Error(`no ${code} in ${text.slice(0, 200)}`);
  return Number(`${item[2]}.${item[3]}`) / Number(item[1]);
}

const at = (moment: string): Promise<Response> => control(sandbox, 'POST', '/clock', { now: moment });

describe('the ExchangeRate-API double', () => {
  it('answers in the shape of the open and of the keyed endpoint', async () => {
    const open = await latest();
    expect(Object.keys(open)).toEqual([
      'result',
      'provider',
      'documentation',
      'terms_of_use',
      'time_last_update_unix',
      'time_last_update_utc',
      'time_next_update_unix',
      'time_next_update_utc',
      'time_eol_unix',
      'base_code',
      'rates',
    ]);
    expect(open).toMatchObject({ result: 'success', base_code: 'USD', rates: { USD: 1 } });
    expect((await latest('some-key/latest/USD')).conversion_rates).toEqual(open.rates);
    expect(await latest('latest/PNT')).toEqual({ result: 'error', 'error-type': 'unsupported-code' });
  });

  it('turns the same rates to any base', async () => {
    const [dollar, euro] = [await latest(), await latest('latest/EUR')];
    expect(euro.rates['USD']).toBeCloseTo(1 / (dollar.rates['EUR'] ?? 0), 5);
    expect(euro.rates['RUB']).toBeCloseTo((dollar.rates['RUB'] ?? 0) / (dollar.rates['EUR'] ?? 1), 4);
  });

  it('moves a little every day, the same way for the same seed, and says when', async () => {
    await at('2026-11-10T12:00:00Z');
    const first = await latest();
    await at('2026-11-10T23:59:00Z');
    expect(await latest()).toEqual(first);
    await at('2026-11-11T12:00:00Z');
    const second = await latest();
    expect(second.time_last_update_unix - first.time_last_update_unix).toBe(86_400);
    expect(first.time_next_update_unix).toBeGreaterThan(second.time_last_update_unix);
    for (const code of ['EUR', 'CNY', 'RUB']) {
      const change = Math.abs((second.rates[code] ?? 0) / (first.rates[code] ?? 1) - 1);
      expect(change).toBeGreaterThan(0);
      expect(change).toBeLessThan(0.02);
    }
    await at('2026-11-10T12:00:00Z');
    expect((await latest()).rates).toEqual(first.rates);
  });

  it('stays at a rate the control plane holds it at', async () => {
    await control(sandbox, 'PUT', '/fx/rates', { RUB: 90.5 });
    expect((await latest()).rates['RUB']).toBe(90.5);
    expect(roubles(await xml(), 'USD')).toBe(90.5);
    await control(sandbox, 'PUT', '/fx/rates', { RUB: null });
    expect((await latest()).rates['RUB']).not.toBe(90.5);
  });
});

describe('the Bank of Russia double', () => {
  it('writes windows-1251 with decimal commas, nominals and unit rates', async () => {
    const text = await xml();
    expect(text).toMatch(
      /^<\?xml version="1.0" encoding="windows-1251"\?><ValCurs Date="\d\d\.\d\d\.\d{4}" name="Foreign Currency Market"><Valute ID="/,
    );
    expect(text).toContain(
      '<Valute ID="R01235"><NumCode>840</NumCode><CharCode>USD</CharCode><Nominal>1</Nominal><Name>Доллар США</Name>',
    );
    expect(text).toMatch(/<CharCode>KZT<\/CharCode><Nominal>100<\/Nominal>/);
    const [, value = '', unit = ''] =
      /<CharCode>CNY<\/CharCode>.*?<Value>([\d,]+)<\/Value><VunitRate>([\d,]+)<\/VunitRate>/.exec(text) ?? [];
    expect(Number(unit.replace(',', '.'))).toBe(Number(value.replace(',', '.')));
    expect(value).toMatch(/,\d{4}$/);
  });

  it.each([
    ['2026-04-24T09:00:00Z', '24.04.2026', 'Friday'],
    ['2026-04-25T09:00:00Z', '25.04.2026', 'Saturday'],
    ['2026-04-26T09:00:00Z', '25.04.2026', 'Sunday'],
    ['2026-04-27T09:00:00Z', '25.04.2026', 'Monday'],
    ['2026-04-27T21:30:00Z', '28.04.2026', 'Tuesday in Moscow'],
    ['2027-01-07T09:00:00Z', '01.01.2027', 'the January holidays'],
  ])('on %s is dated %s (%s)', async (moment, date) => {
    await at(moment);
    expect(await xml()).toContain(`Date="${date}"`);
  });

  it('answers for a day asked for, and complains about a malformed one', async () => {
    await at('2026-05-20T09:00:00Z');
    expect(await xml('?date_req=26/04/2026')).toContain('Date="25.04.2026"');
    expect(await xml('?date_req=2026-04-26')).toContain('Error in parameters');
    expect(await xml('?date_req=31/02/2026')).toContain('Error in parameters');
  });

  it('agrees with the other source within two per cent over a whole year', async () => {
    for (let week = 0; week < 52; week += 1) {
      await control(sandbox, 'POST', '/clock', { now: new Date(Date.UTC(2026, 0, 2 + week * 7, 12)).toISOString() });
      const [{ rates }, text] = [await latest(), await xml()];
      for (const code of ['USD', 'EUR', 'CNY']) {
        const other = (rates['RUB'] ?? 0) / (rates[code] ?? 1);
        expect(Math.abs(roubles(text, code) / other - 1)).toBeLessThan(0.02);
      }
    }
  });
});

describe('their faults', () => {
  const JSON_SOURCE = '/v6/*';
  const XML_SOURCE = '/scripts/*';

  it.each([
    ['zero', (body: Latest) => body.rates['RUB'] === 0],
    ['text_number', (body: Latest) => typeof body.rates['RUB'] === 'string'],
    ['missing_rub', (body: Latest) => !('RUB' in body.rates)],
    ['jump', (body: Latest, good: Latest) => Math.abs((body.rates['RUB'] ?? 0) / (good.rates['RUB'] ?? 1) - 10) < 1e-5],
    [
      'inverse',
      (body: Latest, good: Latest) => Math.abs((body.rates['RUB'] ?? 0) * (good.rates['RUB'] ?? 1) - 1) < 1e-3,
    ],
    [
      'drift',
      (body: Latest, good: Latest) => Math.abs((body.rates['EUR'] ?? 0) / (good.rates['EUR'] ?? 1) - 1.03) < 1e-5,
    ],
    ['stale', (body: Latest, good: Latest) => good.time_last_update_unix - body.time_last_update_unix === 5 * 86_400],
    ['future', (body: Latest) => body.time_last_update_unix > Date.now() / 1000 + 86_400],
  ])('%s spoils the first source and leaves the second alone', async (kind, spoiled) => {
    const [good, untouched] = [await latest(), await xml()];
    await addFault(sandbox, { provider: 'fx', kind, match: JSON_SOURCE });
    expect(spoiled(await latest(), good)).toBe(true);
    expect(await xml()).toBe(untouched);
  });

  it.each([
    ['truncated', /^(?!.*<\/ValCurs>)/s],
    ['zero', /<CharCode>USD<\/CharCode>.*?<Value>0,0000<\/Value>/],
    ['text_number', /<CharCode>USD<\/CharCode>.*?<Value>N\/A<\/Value>/],
    ['missing_rub', /^(?!.*<CharCode>USD)/s],
  ])('%s spoils the second source', async (kind, shape) => {
    await addFault(sandbox, { provider: 'fx', kind, match: XML_SOURCE });
    expect(await xml()).toMatch(shape);
  });

  it('a page of a DDoS guard comes with status 200', async () => {
    await addFault(sandbox, { provider: 'fx', kind: 'ddos_page', match: XML_SOURCE });
    const response = await fetch(`${sandbox.urls.fx}/scripts/XML_daily.asp`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/html');
  });

  it.each([
    ['rate_limit', 429],
    ['error', 500],
  ])('%s is %i', async (kind, status) => {
    await addFault(sandbox, { provider: 'fx', kind, times: 1 });
    expect((await fetch(`${sandbox.urls.fx}/v6/latest/USD`)).status).toBe(status);
    expect((await fetch(`${sandbox.urls.fx}/v6/latest/USD`)).status).toBe(200);
  });

  it.each(['hang', 'reset'])('%s ends in the client', async (kind) => {
    await addFault(sandbox, { provider: 'fx', kind });
    await expect(fetch(`${sandbox.urls.fx}/v6/latest/USD`, { signal: AbortSignal.timeout(300) })).rejects.toThrow();
  });
});
