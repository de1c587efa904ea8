import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from './history-cursor.js';

describe('a cursor of the login history', () => {
  it('keeps its place to the microsecond', () => {
    const place = { occurredAt: '2026-11-23T02:33:28.123456Z', id: '019ab2f0-1111-7222-8333-444455556666' };
    expect(decodeCursor(encodeCursor(place))).toEqual(place);
  });

  it.each([
    '',
    'x',
    Buffer.from("2026-11-23' OR 1=1|x").toString('base64url'),
    Buffer.from('2026-99-99T99:99:99.999999Z|019ab2f0-1111-7222-8333-444455556666').toString('base64url'),
    Buffer.from('2026-02-30T00:00:00.000000Z|019ab2f0-1111-7222-8333-444455556666').toString('base64url'),
    Buffer.from('0000-01-01T00:00:00.000000Z|019ab2f0-1111-7222-8333-444455556666').toString('base64url'),
    Buffer.from(`2026-02-28T00:00:00.000000Z|${'-'.repeat(36)}`).toString('base64url'),
  ])('refuses %j', (text) => {
    expect(() => decodeCursor(text)).toThrow('not valid');
  });
});
