interface Listed {
  id: string;
  numeric: string;
  code: string;
  nominal: number;
  name: string;
}

const LISTED: readonly Listed[] = [
  { id: 'R01035', numeric: '826', code: 'GBP', nominal: 1, name: 'Фунт стерлингов' },
  { id: 'R01060', numeric: '051', code: 'AMD', nominal: 100, name: 'Армянских драмов' },
  { id: 'R01200', numeric: '344', code: 'HKD', nominal: 10, name: 'Гонконгских долларов' },
  { id: 'R01235', numeric: '840', code: 'USD', nominal: 1, name: 'Доллар США' },
  { id: 'R01239', numeric: '978', code: 'EUR', nominal: 1, name: 'Евро' },
  { id: 'R01300', numeric: '364', code: 'IRR', nominal: 1_000_000, name: 'Иранских риалов' },
  { id: 'R01335', numeric: '398', code: 'KZT', nominal: 100, name: 'Тенге' },
  { id: 'R01375', numeric: '156', code: 'CNY', nominal: 1, name: 'Юань' },
  { id: 'R01717', numeric: '860', code: 'UZS', nominal: 10_000, name: 'Узбекских сумов' },
  { id: 'R01820', numeric: '392', code: 'JPY', nominal: 100, name: 'Иен' },
];

const DAY_MS = 86_400_000;
const MOSCOW_MS = 3 * 3_600_000;
/** Month-day of the public holidays on which no rate is set. */
const HOLIDAYS = new Set([
  '01-01',
  '01-02',
  '01-03',
  '01-04',
  '01-05',
  '01-06',
  '01-07',
  '01-08',
  '02-23',
  '03-08',
  '05-01',
  '05-09',
  '06-12',
  '11-04',
]);

/** Midnight (as UTC) of the Moscow day. */
export function moscowDay(epochMs: number): number {
  return Math.floor((epochMs + MOSCOW_MS) / DAY_MS) * DAY_MS;
}

/** The date whose rates are in force: the day after the last business day, so Sunday and Monday keep Saturday's. */
export function dateInForce(dayMs: number): number {
  let day = dayMs;
  while (!isBusinessDay(day - DAY_MS)) day -= DAY_MS;
  return day;
}

function isBusinessDay(dayMs: number): boolean {
  const date = new Date(dayMs);
  const weekday = date.getUTCDay();
  return weekday !== 0 && weekday !== 6 && !HOLIDAYS.has(date.toISOString().slice(5, 10));
}

/** `DD/MM/YYYY` as midnight UTC; undefined when it is no date. */
export function parseDay(text: string): number | undefined {
  const parts = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(text);
  if (!parts) return undefined;
  const [, day, month, year] = parts.map(Number);
  const at = Date.UTC(year ?? 0, (month ?? 0) - 1, day);
  return new Date(at).getUTCDate() === day ? at : undefined;
}

/** The day's list in windows-1251; `roubles` gives roubles for one unit, or text where a fault put it. */
export function dailyXml(dayMs: number, roubles: Record<string, number | string | undefined>): Buffer {
  const [year, month, day] = new Date(dayMs).toISOString().slice(0, 10).split('-');
  const items = LISTED.map((listed) => {
    const rate = roubles[listed.code];
    return rate === undefined ? '' : valute(listed, rate);
  });
  const xml = `<?xml version="1.0" encoding="windows-1251"?><ValCurs Date="${day}.${month}.${year}" name="Foreign Currency Market">${items.join('')}</ValCurs>`;
  return windows1251(xml);
}

/** What the bank answers to a malformed date. */
export function errorXml(): Buffer {
  return windows1251('<?xml version="1.0" encoding="windows-1251"?><ValCurs>Error in parameters</ValCurs>');
}

function valute(listed: Listed, rate: number | string): string {
  const value = typeof rate === 'string' ? rate : (rate * listed.nominal).toFixed(4);
  const unit = typeof rate === 'string' ? rate : trimmed(Number(value) / listed.nominal);
  return [
    `<Valute ID="${listed.id}"><NumCode>${listed.numeric}</NumCode><CharCode>${listed.code}</CharCode>`,
    `<Nominal>${listed.nominal}</Nominal><Name>${listed.name}</Name>`,
    `<Value>${value.replace('.', ',')}</Value><VunitRate>${unit.replace('.', ',')}</VunitRate></Valute>`,
  ].join('');
}

/** Up to ten decimals without trailing zeros. */
function trimmed(value: number): string {
  return value.toFixed(10).replace(/\.?0+$/, '');
}

function windows1251(text: string): Buffer {
  return Buffer.from(
    [...text].map((letter) => {
      const point = letter.codePointAt(0) ?? 63;
      if (point < 128) return point;
      if (point >= 0x410 && point <= 0x44f) return point - 0x350;
      return letter === 'Ё' ? 0xa8 : letter === 'ё' ? 0xb8 : 63;
    }),
  );
}
