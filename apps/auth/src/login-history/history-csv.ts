import type { HistoryRow } from './login-history.repository.js';

const COLUMNS = [
  'occurredAt',
  'method',
  'outcome',
  'deviceType',
  'browser',
  'os',
  'ip',
  'userAgent',
  'sessionId',
  'requestId',
] as const;

/** The rows as CSV (RFC 4180). Spreadsheets run cells that begin like formulas, and a User-Agent is anybody's text: they get a quote in front. */
export function historyCsv(rows: readonly HistoryRow[]): string {
  const lines = rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(','));
  return [COLUMNS.join(','), ...lines, ''].join('\r\n');
}

function cell(value: string | null): string {
  const text = value ?? '';
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
