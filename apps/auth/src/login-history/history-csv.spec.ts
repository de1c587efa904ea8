import { describe, expect, it } from 'vitest';
import { historyCsv } from './history-csv.js';
import type { HistoryRow } from './login-history.repository.js';

const row = (userAgent: string): HistoryRow => ({
  id: 'i',
  occurredAt: '2026-11-23T02:33:28.123456Z',
  deviceType: 'desktop',
  userId: 'u',
  sessionId: null,
  method: 'password',
  outcome: 'success',
  ip: '10.0.0.1',
  browser: null,
  os: null,
  userAgent,
  requestId: 'r',
});
const agentCell = (agent: string): string | undefined =>
  historyCsv([row(agent)])
    .split('10.0.0.1,')[1]
    ?.replace(/,,r\r\n$/, '');

describe('the login history as CSV', () => {
  it.each([
    ['Mozilla/5.0', 'Mozilla/5.0'],
    ['a "b", c', '"a ""b"", c"'],
    ['=HYPERLINK("http://evil")', '"\'=HYPERLINK(""http://evil"")"'],
    ['+1', "'+1"],
    ['@x', "'@x"],
    ['two\r\nlines', '"two\r\nlines"'],
  ])('writes the User-Agent %j as %j', (agent, cell) => {
    expect(agentCell(agent)).toBe(cell);
  });
});
