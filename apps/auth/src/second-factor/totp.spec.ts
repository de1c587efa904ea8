import { describe, expect, it } from 'vitest';
import { matchingStep, newTotpSecret, totpAt, totpUri } from './totp.js';

/** "12345678901234567890" in base32: the secret of RFC 6238, appendix B. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('TOTP', () => {
  it.each([
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ])('gives the code of RFC 6238 at %i seconds', (seconds, code) => {
    expect(totpAt(SECRET, seconds * 1000)).toBe(code);
  });

  it('takes a code one step early or late, and no further', () => {
    const now = 1_700_000_010_000;
    for (const [steps, taken] of [
      [-2, false],
      [-1, true],
      [0, true],
      [1, true],
      [2, false],
    ] as const) {
      expect(matchingStep(SECRET, totpAt(SECRET, now + steps * 30_000), 0, now) !== undefined).toBe(taken);
    }
  });

  it('takes no code twice, nor one older than the last', () => {
    const now = 1_700_000_010_000;
    const step = matchingStep(SECRET, totpAt(SECRET, now), 0, now)!;
    expect(matchingStep(SECRET, totpAt(SECRET, now), step, now)).toBeUndefined();
    expect(matchingStep(SECRET, totpAt(SECRET, now - 30_000), step, now)).toBeUndefined();
    expect(matchingStep(SECRET, totpAt(SECRET, now + 30_000), step, now)).toBe(step + 1);
  });

  it.each(['', '12345', '1234567', 'abcdef', '１２３４５６'])('takes no code of the form %j', (code) => {
    expect(matchingStep(SECRET, code, 0, 59_000)).toBeUndefined();
  });

  it('makes secrets of 160 bits that authenticator apps read', () => {
    const secret = newTotpSecret();
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(totpUri(secret, 'ann@example.com', 'Cinema')).toBe(
      `otpauth://totp/Cinema:ann%40example.com?secret=${secret}&issuer=Cinema&algorithm=SHA1&digits=6&period=30`,
    );
  });
});
