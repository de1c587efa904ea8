import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSecret } from '#libs/contracts';
import { sqlClient } from '../../tools/local/sql.ts';
import { startTestStack, type TestStack } from '../../tools/local/test-stack.ts';
import { newUser } from './people.js';

const SERVICES = ['auth', 'billing', 'notification'] as const;
type Service = (typeof SERVICES)[number];
/** What every user may read. */
const ROUTES = { auth: '/users/me', billing: '/accounts', notification: '/notifications/unread-count' };
const MINUTE = 60;

type Claims = Record<string, unknown>;

/** What is wrong with a token although auth's own key has signed it. */
interface Fault {
  header?: Partial<jwt.JwtHeader>;
  claims?: (good: Claims, service: Service) => Claims;
}

const now = (): number => Math.floor(Date.now() / 1000);
const without = (name: string) => (good: Claims) => {
  const { [name]: _, ...rest } = good;
  return rest;
};

const FAULTS: Record<string, Fault> = {
  'is for the other services': {
    claims: (good, service) => ({ ...good, aud: SERVICES.filter((other) => other !== service) }),
  },
  'is for nobody': { claims: without('aud') },
  'comes from another issuer': { claims: (good) => ({ ...good, iss: 'https://elsewhere.example' }) },
  'names no issuer': { claims: without('iss') },
  'is of another type': { header: { typ: 'JWT' } },
  'is an ID token by its type': { header: { typ: 'id_token+jwt' } },
  'has expired': { claims: (good) => ({ ...good, iat: now() - 11 * MINUTE, exp: now() - 1 }) },
  'never expires': { claims: without('exp') },
  'is not valid yet': { claims: (good) => ({ ...good, nbf: now() + 10 * MINUTE }) },
  'asks for an extension that must be understood': { header: { crit: ['exp'] } },
  'names no user': { claims: without('sub') },
  'names no session': { claims: without('sid') },
  'gives a role that there is not': { claims: (good) => ({ ...good, roles: ['owner'] }) },
};

let stack: TestStack;
let key: KeyObject;
let header: jwt.JwtHeader;
let good: Claims;

beforeAll(async () => {
  stack = await startTestStack();
  const decoded = jwt.decode((await newUser(stack)).tokens.accessToken, { complete: true })!;
  header = decoded.header;
  good = decoded.payload as Claims;
  const client = sqlClient(String(stack.stack.environment['AUTH_DATABASE_MIGRATION_URL']));
  await client.connect();
  const { rows } = await client.query<{ sealed: string }>(
    'SELECT sealed_private_key AS sealed FROM signing_keys WHERE kid = $1',
    [header.kid],
  );
  await client.end();
  const secret = Buffer.from(String(stack.stack.environment['AUTH_KEY_ENCRYPTION_SECRET']), 'base64');
  key = createPrivateKey({ key: JSON.parse(openSecret(rows[0]!.sealed, secret)) as JsonWebKey, format: 'jwk' });
});
afterAll(() => stack?.stop());

/** Signed as it is: nothing is added that a fault has taken away. */
function signed({ header: head = {}, claims = (same) => same }: Fault, service: Service): string {
  return jwt.sign(claims(good, service), key, {
    algorithm: 'ES256',
    noTimestamp: true,
    header: { ...header, ...head },
  });
}

const statuses = (fault: Fault): Promise<number[]> =>
  Promise.all(
    SERVICES.map(async (service) => {
      const headers = { authorization: `Bearer ${signed(fault, service)}` };
      return (await fetch(`${stack.url[service]}${ROUTES[service]}`, { headers })).status;
    }),
  );

describe("a token with auth's own signature", () => {
  it('opens each service when nothing is wrong with it', async () => {
    expect(await statuses({})).toEqual([200, 200, 200]);
  });

  it.each(Object.entries(FAULTS))('that %s opens none', async (_, fault) => {
    expect(await statuses(fault)).toEqual([401, 401, 401]);
  });
});
