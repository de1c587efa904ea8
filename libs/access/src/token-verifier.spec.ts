import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { UnauthenticatedError } from './access.errors.js';
import { KeySource } from './key-source.js';
import { TokenVerifier } from './token-verifier.js';

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });

class OneKey extends KeySource {
  asked: string[] = [];
  find(kid: string): Promise<KeyObject | undefined> {
    this.asked.push(kid);
    return Promise.resolve(kid === 'k1' ? keys.publicKey : undefined);
  }
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const header = { alg: 'ES256', typ: 'at+jwt', kid: 'k1' };
const seconds = () => Math.floor(Date.now() / 1000);
const claims = () => ({
  sub: 'user-1',
  sid: 'session-1',
  roles: ['public_user'],
  email_verified: true,
  iss: 'http://auth.test',
  aud: ['auth', 'billing'],
  iat: seconds(),
  exp: seconds() + 600,
  jti: 'j1',
});

function token(changes: { header?: object; claims?: object; signature?: (input: string) => Buffer } = {}): string {
  const input = `${part({ ...header, ...changes.header })}.${part({ ...claims(), ...changes.claims })}`;
  const es256 = (text: string) =>
    sign('sha256', Buffer.from(text), { key: keys.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${(changes.signature ?? es256)(input).toString('base64url')}`;
}

const verifier = (source: KeySource = new OneKey()) =>
  new TokenVerifier(new JwtService(), source, { issuer: 'http://auth.test', audience: 'billing' });

const publicPem = keys.publicKey.export({ type: 'spki', format: 'pem' }) as string;
const hmacWithPublicKey = (input: string) => createHmac('sha256', publicPem).update(input).digest();

describe('the token verifier', () => {
  it('accepts a good token and tells whom it stands for', async () => {
    expect(await verifier().verify(token())).toEqual({
      userId: 'user-1',
      sessionId: 'session-1',
      roles: ['public_user'],
      emailVerified: true,
    });
  });

  it.each<[string, string]>([
    ['alg none', token({ header: { alg: 'none' }, signature: () => Buffer.alloc(0) })],
    ['alg nOnE', token({ header: { alg: 'nOnE' }, signature: () => Buffer.alloc(0) })],
    ['HS256 with the public key', token({ header: { alg: 'HS256' }, signature: hmacWithPublicKey })],
    ['ES256 claimed over an HMAC', token({ signature: hmacWithPublicKey })],
    ['another type of JWT', token({ header: { typ: 'JWT' } })],
    ['no type', token({ header: { typ: undefined } })],
    ['a critical extension', token({ header: { crit: ['exp'] } })],
    ['an unknown key', token({ header: { kid: 'k2' } })],
    ['a path as key id', token({ header: { kid: '../../dev/null' } })],
    ['an array as key id', token({ header: { kid: ['k1'] } })],
    [
      'no key id but an embedded key',
      token({ header: { kid: undefined, jwk: keys.publicKey.export({ format: 'jwk' }) } }),
    ],
    ['another issuer', token({ claims: { iss: 'http://evil.test' } })],
    ['no issuer', token({ claims: { iss: undefined } })],
    ['another service as audience', token({ claims: { aud: ['auth'] } })],
    ['no expiry', token({ claims: { exp: undefined } })],
    ['an expiry in text', token({ claims: { exp: '9999999999' } })],
    ['an expiry of a fraction', token({ claims: { exp: 99999999999.5 } })],
    ['an expiry in the past', token({ claims: { exp: 1_000 } })],
    ['a start in the future', token({ claims: { nbf: 9_999_999_999 } })],
    ['a role nobody knows', token({ claims: { roles: ['root'] } })],
    ['roles that are not a list', token({ claims: { roles: 'admin' } })],
    ['no session', token({ claims: { sid: undefined } })],
    ['a refresh token', 'q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJ0'],
    ['10 kB of text', 'a'.repeat(10_000)],
  ])('refuses a token with %s', async (_name, bad) => {
    await expect(verifier().verify(bad)).rejects.toThrow(UnauthenticatedError);
  });

  it('refuses a token with any one character of its signature changed', async () => {
    const good = token();
    const start = good.lastIndexOf('.') + 1;
    // The last character carries two bits that no byte of the signature uses.
    for (let at = start; at < good.length - 1; at += 1) {
      const other = good[at] === 'A' ? 'B' : 'A';
      await expect(verifier().verify(good.slice(0, at) + other + good.slice(at + 1))).rejects.toThrow(
        UnauthenticatedError,
      );
    }
  });

  it('does not ask for a key before the algorithm and type are right', async () => {
    const source = new OneKey();
    await expect(verifier(source).verify(token({ header: { alg: 'RS256' } }))).rejects.toThrow(UnauthenticatedError);
    expect(source.asked).toEqual([]);
  });

  it('remembers a verified token, but not past its expiry', async () => {
    const source = new OneKey();
    const once = verifier(source);
    const short = token({ claims: { exp: seconds() + 60 } });
    await once.verify(short);
    await once.verify(short);
    expect(source.asked).toHaveLength(1);
    vi.useFakeTimers({ now: Date.now() + 61_000, toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    await expect(once.verify(short)).rejects.toThrow(UnauthenticatedError);
  });
});
