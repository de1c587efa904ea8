import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import addressparser from 'nodemailer/lib/addressparser/index.js';
import { describe, expect, it } from 'vitest';
import { domainOf, isPlainAddress } from './mail.js';
import { outcomeOf } from './smtp-fault.js';

describe('an address', () => {
  it.each(['a@example.com', 'a.b+c@sub.example.com', 'почта@пример.рф'])('%s is plain', (address) => {
    expect(isPlainAddress(address)).toBe(true);
  });

  it.each([
    '"a@evil.com x"@ok.com',
    'a@ok.com, b@evil.com',
    'a(comment)@ok.com',
    'group: a@ok.com;',
    '<a@ok.com>',
    'a@ok.com\r\nBcc: b@evil.com',
    'a@@ok.com',
    'a@ok.com\u202emoc',
    'a',
    '',
    `${'a'.repeat(65)}@ok.com`,
    `a@${'b'.repeat(255)}.com`,
  ])('%j is refused', (address) => {
    expect(isPlainAddress(address)).toBe(false);
  });
});

describe('any address at all', () => {
  const pieces = [
    'a',
    'evil.com',
    'ok.com',
    '@',
    '"',
    '<',
    '>',
    ',',
    ';',
    ':',
    '(',
    ')',
    '\\',
    ' ',
    '\r\n',
    '\0',
    'ё',
    '\u202e',
    '\u2028',
  ];
  const hostile = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(''));

  it('is refused, or is one recipient at its own domain to whoever reads the mail', () => {
    const parts = fc.tuple(hostile, hostile).map(([local, domain]) => `${local}@${domain}`);
    const address = fc.oneof(fc.emailAddress(), fc.string({ unit: 'binary' }), parts);
    let plain = 0;
    fc.assert(
      fc.property(address, (text) => {
        if (!isPlainAddress(text)) return;
        plain++;
        const read = addressparser(text);
        expect(read).toEqual([{ name: '', address: text }]);
        expect(text.split('@')).toHaveLength(2);
        expect(text).not.toMatch(/\s/);
        expect(domainToASCII(text.split('@')[1]!)).toMatch(/^[!-~]+$/);
      }),
      { numRuns: 1_000 },
    );
    expect(plain).toBeGreaterThan(20);
  });
});

describe('the domain of the sender', () => {
  it('is found with and without a name', () => {
    expect(domainOf('Cinema <no-reply@cinema.example>')).toBe('cinema.example');
    expect(domainOf('no-reply@cinema.example')).toBe('cinema.example');
  });
});

describe('a failed send', () => {
  it.each([
    [
      'a mailbox that does not exist',
      { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550 },
      'failed',
      'address_refused',
    ],
    ['greylisting', { code: 'EENVELOPE', command: 'RCPT TO', responseCode: 451 }, 'pending', 'temporary'],
    ['a refused text', { code: 'EMESSAGE', command: 'DATA', responseCode: 554 }, 'failed', 'message_refused'],
    ['a full disk at DATA', { code: 'EMESSAGE', command: 'DATA', responseCode: 452 }, 'pending', 'temporary'],
    ['our own wrong password', { code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 535 }, 'pending', 'temporary'],
    ['a refused sender', { code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 553 }, 'pending', 'temporary'],
    ['a connection that broke', { code: 'ECONNECTION' }, 'pending', 'temporary'],
    ['a server that hangs', { code: 'ETIMEDOUT' }, 'pending', 'temporary'],
  ])('by %s is sorted by the answer', (_, error, state, reason) => {
    expect(outcomeOf(Object.assign(new Error('x'), error))).toMatchObject({ state, reason });
  });

  it('keeps the answer without the queries of links it quotes', () => {
    const response =
      '554 5.7.1 <https://cinema.example/recover?token=s3cr3t> is listed, see http://filter.example/why#s3cr3t';
    expect(outcomeOf(Object.assign(new Error('x'), { response }))).toMatchObject({
      response: '554 5.7.1 <https://cinema.example/recover?… is listed, see http://filter.example/why?…',
    });
  });

  it('keeps the answer, cut to a sane length', () => {
    const outcome = outcomeOf(Object.assign(new Error('x'), { response: 'y'.repeat(10_000) }));
    expect('response' in outcome && outcome.response.length).toBe(500);
  });
});
