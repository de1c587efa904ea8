import { plainToInstance } from 'class-transformer';
import { IsOptional, validateSync } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { Instant } from './instant.js';

class Query {
  @IsOptional()
  @Instant()
  from?: Date;
}

const ask = (from: unknown) => plainToInstance(Query, { from });

describe('a moment in a request', () => {
  it.each([
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['2026-01-31T10:00Z', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31T10:00:00.123Z', '2026-01-31T10:00:00.123Z'],
    ['2026-01-31T10:00:00+05:30', '2026-01-31T04:30:00.000Z'],
  ])('is taken as %s', (text, instant) => {
    const query = ask(text);
    expect(validateSync(query)).toEqual([]);
    expect(query.from?.toISOString()).toBe(instant);
  });

  it.each([
    ['says no zone', '2026-01-31T10:00:00'],
    ['is no day of the calendar', '2026-02-30'],
    ['is no time of a day', '2026-01-31T25:00:00Z'],
    ['is a number', 1_767_225_600_000],
    ['is a year', '2026'],
    ['is words', 'yesterday'],
    ['is empty', ''],
    ['is a list', ['2026-01-31', '2026-02-01']],
  ])('is refused when it %s', (_, value) => {
    expect(validateSync(ask(value)).map(({ property }) => property)).toEqual(['from']);
  });

  it('may be left out where that is allowed', () => {
    expect(validateSync(ask(undefined))).toEqual([]);
  });
});
