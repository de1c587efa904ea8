import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthApp, newEmail, PASSWORD } from './support/auth-app.js';
import { mannWhitneyP } from './support/mann-whitney.js';

const PAIRS = 300;
/** Two tries: by chance alone one in a hundred comparisons falls below 0.01, hardly two in a row. */
const TRIES = 2;

let auth: AuthApp;
const known: string[] = [];

beforeAll(async () => {
  auth = await AuthApp.start();
  const { email } = await auth.user();
  for (let i = 0; i < PAIRS * TRIES; i++) known.push(`known-${newEmail()}`);
  await auth.query(
    `INSERT INTO users (id, email, email_verified_at, password_hash, locale)
     SELECT gen_random_uuid(), unnest($1::text[]), now(), password_hash, 'en' FROM users WHERE email = $2`,
    [known, email],
  );
});
afterAll(() => auth.stop());

async function timeOf(path: string, body: object): Promise<number> {
  const from = performance.now();
  const answer = await auth.call('POST', path, body);
  await answer.text();
  expect([202, 401]).toContain(answer.status);
  return performance.now() - from;
}

describe('the comparison itself', () => {
  it('sees a difference of a twentieth, and none in one and the same source', () => {
    const sample = (shift: number): number[] =>
      Array.from({ length: PAIRS }, (_, i) => 20 + ((i * 7919) % 101) / 50 + shift);
    expect(mannWhitneyP(sample(0), sample(0))).toBeGreaterThan(0.9);
    expect(mannWhitneyP(sample(0), sample(1))).toBeLessThan(0.001);
  });
});

describe('the time an answer takes', () => {
  it.each([
    ['signing in', '/auth/login', { password: 'a wrong password' }],
    ['signing up', '/auth/register', { password: PASSWORD }],
    ['a forgotten password', '/auth/password/forgot', {}],
  ])(
    'does not tell known from unknown addresses at %s',
    async (_, path, body) => {
      const ps: number[] = [];
      for (let round = 0; round < TRIES && !ps.some((p) => p > 0.01); round++) {
        const times: [number[], number[]] = [[], []];
        for (let i = 0; i < PAIRS; i++) {
          const emails = [known[round * PAIRS + i]!, newEmail()];
          // Which of the two goes first changes, so that neither profits from what the other has warmed.
          for (const index of i % 2 ? ([0, 1] as const) : ([1, 0] as const)) {
            times[index].push(await timeOf(path, { email: emails[index], ...body }));
          }
        }
        ps.push(mannWhitneyP(...times));
      }
      expect(Math.max(...ps)).toBeGreaterThan(0.01);
    },
    300_000,
  );
});
