import { describe, expect, it } from 'vitest';
import { isTimeZone, quietUntil } from './quiet-hours.js';
import { UnsubscribeTokens } from './unsubscribe-token.js';

describe('quiet hours', () => {
  const night = { from: '22:00', to: '08:00', timeZone: 'Europe/Moscow' };

  it.each([
    ['2026-11-23T18:59:59Z', undefined],
    ['2026-11-23T19:00:00Z', '2026-11-24T05:00:00.000Z'],
    ['2026-11-23T23:30:30Z', '2026-11-24T05:00:00.000Z'],
    ['2026-11-24T04:59:59Z', '2026-11-24T05:00:00.000Z'],
    ['2026-11-24T05:00:00Z', undefined],
  ])('over midnight in Moscow hold at %s until %s', (now, until) => {
    expect(quietUntil(night, new Date(now))?.toISOString()).toBe(until);
  });

  it('within one day end the same day', () => {
    const siesta = { from: '13:00', to: '15:00', timeZone: 'UTC' };
    expect(quietUntil(siesta, new Date('2026-11-23T14:10:00Z'))?.toISOString()).toBe('2026-11-23T15:00:00.000Z');
    expect(quietUntil(siesta, new Date('2026-11-23T12:59:00Z'))).toBeUndefined();
  });

  it('of no length never hold', () => {
    expect(
      quietUntil({ from: '10:00', to: '10:00', timeZone: 'UTC' }, new Date('2026-11-23T10:00:00Z')),
    ).toBeUndefined();
    expect(quietUntil(null, new Date())).toBeUndefined();
  });

  it('need a time zone that exists', () => {
    expect(['Europe/Moscow', 'UTC', 'Mars/Base', ''].map(isTimeZone)).toEqual([true, true, false, false]);
  });
});

describe('an unsubscribe token', () => {
  const tokens = new UnsubscribeTokens(Buffer.alloc(32, 1));
  const known = { userId: '5b9d8a0e-55a5-4b1e-9d6f-0d8f4f1f7c11', category: 'marketing' as const };
  const other = '5b9d8a0e-55a5-4b1e-9d6f-0d8f4f1f7c12';

  it('says who does not want what', () => {
    expect(tokens.read(tokens.make(known))).toEqual(known);
  });

  it('cannot be made by others, altered or moved to another user', () => {
    const token = tokens.make(known);
    expect(new UnsubscribeTokens(Buffer.alloc(32, 2)).read(token)).toBeUndefined();
    expect(tokens.read(token.replace(known.userId, other))).toBeUndefined();
    expect(tokens.read(token.replace('.2.', '.1.'))).toBeUndefined();
    expect(tokens.read(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)).toBeUndefined();
    expect(tokens.read(`${token}x`)).toBeUndefined();
    expect(tokens.read('')).toBeUndefined();
    expect(tokens.read('a'.repeat(10_000))).toBeUndefined();
  });
});
