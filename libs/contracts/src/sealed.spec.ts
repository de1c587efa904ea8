import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hideSealed, openSecret, sealSecret } from '#libs/contracts';

const key = randomBytes(32);

describe('a sealed secret', () => {
  it('opens with its key and shows nothing of itself', () => {
    const sealed = sealSecret('https://example.org/verify?token=abc', key);
    expect(sealed).not.toContain('abc');
    expect(openSecret(sealed, key)).toBe('https://example.org/verify?token=abc');
  });

  it('looks different each time', () => {
    expect(sealSecret('same', key)).not.toBe(sealSecret('same', key));
  });

  it('does not open with another key', () => {
    expect(() => openSecret(sealSecret('x', key), randomBytes(32))).toThrow();
  });

  it('does not open when a byte was changed', () => {
    const sealed = sealSecret('x', key);
    const bytes = Buffer.from(sealed.slice(3), 'base64url');
    bytes[14]! ^= 1;
    expect(() => openSecret(`v1.${bytes.toString('base64url')}`, key)).toThrow();
  });

  it.each(['', 'v1.', 'v2.AAAA', 'plain text'])('is not %j', (text) => {
    expect(() => openSecret(text, key)).toThrow('not a sealed secret');
  });

  it('is hidden wherever it stands in a text, and nothing else is', () => {
    const [first, second] = [sealSecret('', key), sealSecret('a link', key)];
    const text = (a: string, b: string): string => `{"name":"auth.user.verified.v1","link":"${a}"} or ${b}, v1.2`;
    expect(hideSealed(text(first, second))).toBe(text('[sealed]', '[sealed]'));
  });
});
