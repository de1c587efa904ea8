import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { PageLimit } from './page-limit.js';

class Query {
  @PageLimit(100)
  limit: number = 20;
}

const ask = (query: object) => plainToInstance(Query, query);

describe('how many items a list answers with', () => {
  it.each(['1', '100'])('is what was asked for: %s', (text) => {
    const query = ask({ limit: text });
    expect(validateSync(query)).toEqual([]);
    expect(query.limit).toBe(Number(text));
  });

  it('is the usual number when nothing was asked for', () => {
    const query = ask({});
    expect(validateSync(query)).toEqual([]);
    expect(query.limit).toBe(20);
  });

  it.each([['0'], ['101'], ['-1'], ['1.5'], ['many'], [['1', '2']]])('is refused: %s', (limit) => {
    expect(validateSync(ask({ limit })).map(({ property }) => property)).toEqual(['limit']);
  });
});
