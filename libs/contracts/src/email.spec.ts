import { describe, expect, it } from 'vitest';
import { normalizeEmail } from './email.js';

describe('an e-mail address', () => {
  it.each([
    ['  Ann@Example.COM ', 'ann@example.com'],
    ['ａｎｎ＠example.com', 'ann@example.com'],
    ['ann@bücher.example', 'ann@xn--bcher-kva.example'],
    ['a.n.n+films@example.com', 'a.n.n+films@example.com'],
    ['no address', 'no address'],
  ])('%j is compared as %j', (given, normal) => {
    expect(normalizeEmail(given)).toBe(normal);
  });

  it('is not changed by normalising it twice', () => {
    const once = normalizeEmail('ＡＮＮ@BÜCHER.example');
    expect(normalizeEmail(once)).toBe(once);
  });
});
