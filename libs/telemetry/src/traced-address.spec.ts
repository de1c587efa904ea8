import { expect, it } from 'vitest';
import { tracedAddress } from './traced-address.js';

const TOKEN = 'V2hvZXZlciByZWFkcyB0aGlzIG1heSB1c2UgaXQ.x-_y';

it.each([
  ['/users/me', '/users/me'],
  [`/auth/password/reset?token=${TOKEN}&lang=ru`, '/auth/password/reset'],
  [`/oauth/google/callback?state=${TOKEN}&code=4%2Fabc?x`, '/oauth/google/callback'],
  ['/admin/users?email=ann@example.com', '/admin/users'],
  [`/unsubscribe/${TOKEN}`, '/unsubscribe/REDACTED'],
  [
    '/admin/users/0190f3b2-7c1a-7def-8a1b-0123456789ab/block',
    '/admin/users/0190f3b2-7c1a-7def-8a1b-0123456789ab/block',
  ],
  ['', ''],
])('a trace keeps of %j the path %j and no query', (url, path) => {
  expect(tracedAddress(url)).toEqual({ 'url.path': path, 'url.query': undefined });
});
