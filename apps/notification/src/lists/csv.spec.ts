import { describe, expect, it } from 'vitest';
import { csvLine } from './csv.js';

describe('a line of CSV', () => {
  it('quotes what needs it and leaves the rest alone', () => {
    expect(csvLine(['a', 'b,c', 'd"e', 'f\r\ng', 3, undefined])).toBe('a,"b,c","d""e","f\r\ng",3,\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('keeps %j from being a formula', (text) => {
    expect(csvLine([text])).toMatch(/^"?'/);
  });

  it('leaves numbers as they are', () => {
    expect(csvLine([-1])).toBe('-1\r\n');
  });
});
