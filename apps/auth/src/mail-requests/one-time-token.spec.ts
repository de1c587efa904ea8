import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { newRefreshToken } from '../sessions/refresh-token.js';
import { hashOneTimeToken, newOneTimeToken } from './one-time-token.js';

describe.each([
  ['a one-time token', () => newOneTimeToken().plain],
  ['a refresh token', newRefreshToken],
])('%s', (_, make) => {
  it('holds 256 bits, each of them as often set as not, and is never made twice', () => {
    const tokens = Array.from({ length: 1_000 }, make);
    expect(new Set(tokens).size).toBe(1_000);
    const bytes = tokens.map((token) => Buffer.from(token, 'base64url'));
    expect(new Set(bytes.map(({ length }) => length))).toEqual(new Set([32]));
    for (let bit = 0; bit < 256; bit++) {
      const set = bytes.filter((each) => (each[bit >> 3]! >> (bit & 7)) & 1).length;
      // Six deviations: less than once in a million runs over all the bits.
      expect(Math.abs(set - 500)).toBeLessThan(95);
    }
  });
});

describe('what is kept of a one-time token', () => {
  it('is its SHA-256', () => {
    const { plain, hash } = newOneTimeToken();
    expect(hash).toEqual(createHash('sha256').update(plain).digest());
    expect(hashOneTimeToken(plain)).toEqual(hash);
  });
});
