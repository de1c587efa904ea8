import { describe, expect, it } from 'vitest';
import { uuidv7, uuidv8 } from '#libs/contracts';

describe('a UUID version 7', () => {
  it('has the form of RFC 9562', () => {
    expect(uuidv7()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('sorts by the millisecond it was made in', () => {
    const times = [1, 255, 65_536, 1_700_000_000_000, 1_700_000_000_001];
    const ids = times.map((time) => uuidv7(time));
    expect(ids.toSorted()).toEqual(ids);
  });
});

describe('a UUID version 8', () => {
  it('has the form of RFC 9562', () => {
    for (const text of ['', 'a', 'б']) {
      expect(uuidv8(text)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it('is the same for the same text, and another for another', () => {
    expect(uuidv8('a')).toBe(uuidv8('a'));
    expect(uuidv8('a')).not.toBe(uuidv8('b'));
  });
});
