import { createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthApp } from './support/auth-app.js';
import { OtherService } from './support/other-service.js';
import { rawStatus } from './support/raw-request.js';

let auth: AuthApp;
let other: OtherService;
let good: string;
let jwk: JsonWebKey & { kid: string };

beforeAll(async () => {
  auth = await AuthApp.start();
  other = await OtherService.start(auth.url);
  good = (await auth.login(await auth.user())).accessToken;
  const { keys } = (await (await auth.call('GET', '/.well-known/jwks.json')).json()) as { keys: (typeof jwk)[] };
  jwk = keys.find(({ kid }) => kid === partOf(good, 0)['kid'])!;
});
afterAll(async () => {
  await other.stop();
  await auth.stop();
});

const partOf = (token: string, part: 0 | 1): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[part]!, 'base64url').toString());
const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const [header, claims, signature] = [() => partOf(good, 0), () => partOf(good, 1), () => good.split('.')[2]!];
const rebuilt = (head: unknown, body: unknown = claims(), sign = signature()): string =>
  `${encode(head)}.${encode(body)}.${sign}`;
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const byStranger = (head: object = {}): string =>
  jwt.sign(claims(), stranger.privateKey, { header: { ...(header() as unknown as jwt.JwtHeader), ...head } });

function hmacWith(secret: string | Buffer): string {
  const signed = `${encode({ ...header(), alg: 'HS256' })}.${encode(claims())}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

async function statusesOf(authorization: string): Promise<number[]> {
  const atAuth = await auth.call('GET', '/users/me', undefined, { authorization });
  const elsewhere = await fetch(`${other.url}/who`, { headers: { authorization } });
  return [atAuth.status, elsewhere.status];
}

const FORGERIES: [string, () => string][] = [
  ['alg none', () => rebuilt({ ...header(), alg: 'none' }, claims(), '')],
  ['alg None', () => rebuilt({ ...header(), alg: 'None' }, claims(), '')],
  ['alg nOnE with the old signature', () => rebuilt({ ...header(), alg: 'nOnE' })],
  ['no signature', () => `${good.split('.').slice(0, 2).join('.')}.`],
  [
    'HS256 with the public key as PEM',
    () => hmacWith(createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })),
  ],
  ['HS256 with the public key as JWK', () => hmacWith(JSON.stringify(jwk))],
  ['HS256 with the coordinates', () => hmacWith(Buffer.from(`${jwk.x}${jwk.y}`, 'base64url'))],
  ["a stranger's key under our key id", () => byStranger()],
  ["a stranger's key embedded", () => byStranger({ jwk: stranger.publicKey.export({ format: 'jwk' }) })],
  ["a stranger's key by jku", () => byStranger({ jku: 'http://127.0.0.1:1/jwks.json', kid: 'x' })],
  ["a stranger's key by x5u", () => byStranger({ x5u: 'http://127.0.0.1:1/cert.pem', kid: 'x' })],
  ['a path as key id', () => byStranger({ kid: '../../dev/null' })],
  ['SQL as key id', () => byStranger({ kid: "' UNION SELECT 'x" })],
  ['ten kilobytes of key id', () => byStranger({ kid: 'k'.repeat(10_000) })],
  ['an array as key id', () => rebuilt({ ...header(), kid: [jwk.kid] })],
  ['no key id', () => rebuilt({ ...header(), kid: undefined })],
  ['another type', () => rebuilt({ ...header(), typ: 'JWT' })],
  ['critical headers', () => rebuilt({ ...header(), crit: ['exp'] })],
  ['more roles', () => rebuilt(header(), { ...claims(), roles: ['super_user'] })],
  ['a later end', () => rebuilt(header(), { ...claims(), exp: 4_102_444_800 })],
  ['no JSON', () => `${encode('{')}.${encode('{')}.${signature()}`],
  ['a duplicate claim', () => rebuilt(header(), `{"sub":"x",${JSON.stringify(claims()).slice(1)}`)],
  ['four parts', () => `${good}.x`],
];

describe('an access token', () => {
  it('is good in auth and elsewhere', async () => {
    expect(await statusesOf(`Bearer ${good}`)).toEqual([200, 200]);
  });

  it.each(FORGERIES)('with %s is refused in auth and elsewhere', async (_, forge) => {
    expect(await statusesOf(`Bearer ${forge()}`)).toEqual([401, 401]);
  });

  it('is refused with any byte of its signature changed', async () => {
    const [head, body] = good.split('.');
    const bytes = Buffer.from(signature(), 'base64url');
    for (let index = 0; index < bytes.length; index++) {
      const changed = Buffer.from(bytes);
      changed[index]! ^= 1;
      const answer = await auth.call('GET', '/users/me', undefined, {
        authorization: `Bearer ${head}.${body}.${changed.toString('base64url')}`,
      });
      expect(answer.status).toBe(401);
    }
  });

  it.each(['', 'Bearer', 'Bearer ', 'Basic dTpw', 'bearer\u00a0x.y.z', 'Bearer a.b', `Bearer ${'a'.repeat(5000)}.b.c`])(
    'does not hide in the header %j',
    async (authorization) => {
      expect((await auth.call('GET', '/users/me', undefined, { authorization: encodeURI(authorization) })).status).toBe(
        401,
      );
    },
  );

  it('makes no service ask an address that it names', async () => {
    const asked: (string | undefined)[] = [];
    const trap = createServer(({ url }, response) => {
      asked.push(url);
      response.end(JSON.stringify({ keys: [{ ...stranger.publicKey.export({ format: 'jwk' }), kid: 'x' }] }));
    });
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(trap.address() as AddressInfo).port}/keys`;
      for (const head of [{ jku: url }, { jku: url, kid: 'x' }, { x5u: url }, { x5u: url, kid: 'x' }, { kid: url }])
        expect(await statusesOf(`Bearer ${byStranger(head)}`)).toEqual([401, 401]);
      expect(asked).toEqual([]);
    } finally {
      await new Promise((resolve) => trap.close(resolve));
    }
  });

  it('is not looked for among several headers', async () => {
    const [mine, bad] = [`Authorization: Bearer ${good}`, 'authorization: Bearer a.b.c'];
    for (const { url, path } of [
      { url: auth.url, path: '/users/me' },
      { url: other.url, path: '/who' },
    ]) {
      const status = (...headers: string[]): Promise<number> =>
        rawStatus(url, [`GET ${path} HTTP/1.1`, 'Host: x', ...headers]);
      expect(await status(mine)).toBe(200);
      for (const pair of [
        [mine, mine],
        [mine, bad],
        [bad, mine],
      ])
        expect(await status(...pair)).toBe(401);
    }
  });

  it('is not taken from the query or a cookie', async () => {
    expect((await auth.call('GET', `/users/me?access_token=${good}`)).status).toBe(401);
    expect(
      (await auth.call('GET', '/users/me', undefined, { cookie: `access_token=${good}; refresh=${good}` })).status,
    ).toBe(401);
  });

  it('lives ten minutes at most and a little less at random, names its services and its session', async () => {
    const { exp, iat, aud, iss, sid, jti } = claims() as {
      exp: number;
      iat: number;
      aud: string[];
      iss: string;
      sid: string;
      jti: string;
    };
    expect(exp - iat).toBeLessThanOrEqual(600);
    expect(exp - iat).toBeGreaterThanOrEqual(570);
    expect(aud).toEqual(['auth', 'billing', 'notification']);
    expect(iss).toBe('http://auth.test');
    expect([sid, jti]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  });
});
