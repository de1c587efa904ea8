import { describe, expect, it } from 'vitest';
import type { AuthConfig } from '../auth.config.js';
import { allowedReturnTo } from './origins.js';

const config = {
  AUTH_PUBLIC_URL: 'https://auth.example',
  CORS_ORIGINS: ['https://app.example'],
} as unknown as AuthConfig;

describe('where to go after signing in', () => {
  it.each([
    ['/oauth/signed-in', 'https://auth.example/oauth/signed-in'],
    ['https://app.example/films?id=1#top', 'https://app.example/films?id=1#top'],
    ['https://auth.example/', 'https://auth.example/'],
    ['/a/..;/b', 'https://auth.example/a/..;/b'],
  ])('%s is allowed', (given, expected) => {
    expect(allowedReturnTo(given, config)).toBe(expected);
  });

  it.each([
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https:\\\\evil.example',
    'https:/evil.example/x'.replace('https:', 'http:'),
    'https://evil.example',
    'HTTPS://EVIL.example',
    'https://app.example.evil.example',
    'https://app.example@evil.example',
    'https://user@app.example/',
    'http://app.example/',
    'https://app.example:444/',
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'blob:https://app.example/1',
    ' https://evil.example',
    '\thttps://evil.example',
    '/\t/evil.example',
    '/\r\nSet-Cookie: a=b',
    '/%0d%0a'.replace('%0d%0a', '\r\n'),
    'https://evil.example\u0000.app.example',
    'ftp://app.example/',
    'http://[::1]/',
    'https://xn--80ak6aa92e.example/',
    'https://аpp.example/',
    'null',
    '',
    ['https://app.example/', 'https://evil.example/'],
    { toString: 'https://app.example/' },
    undefined,
    null,
    `https://app.example/${'a'.repeat(2000)}`,
  ])('%j leads nowhere else', (given) => {
    const allowed = allowedReturnTo(given, config);
    expect(new URL(allowed ?? 'https://auth.example').origin).toBe('https://auth.example');
  });

  it.each([
    '/films\\1',
    '/films 1',
    '/films\t1',
    '/films\r\nSet-Cookie: a=b',
    '/films\u0000',
    '/films\u0085',
    ' /films',
    'https://app.example/\n',
    '',
  ])('%j, empty or read by browsers each in its own way, leads nowhere at all', (given) => {
    expect(allowedReturnTo(given, config)).toBeUndefined();
  });

  it('keeps an encoded double slash a path of our own', () => {
    expect(allowedReturnTo('/%2F%2Fevil.example', config)).toBe('https://auth.example/%2F%2Fevil.example');
  });
});
