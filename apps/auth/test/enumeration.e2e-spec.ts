import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { campaignSize } from '#libs/testing';
import { AuthApp, newEmail, PASSWORD } from './support/auth-app.js';
import { gapInterval, mannWhitneyP, median } from './support/mann-whitney.js';

/** Full size, on a machine that does nothing else: `TIMING_CAMPAIGN=500 npm test apps/auth/test/enumeration.e2e-spec.ts`. */
const PAIRS = campaignSize('TIMING_CAMPAIGN');
/** The share of the median that the gap may be, with 95 % certainty: as much as so many pairs can tell. */
const GAP = PAIRS < 500 ? Infinity : 0.05;
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

interface Comparison {
  p: number;
  /** The larger end of the gap's interval, as a share of the median. */
  gap: number;
}

function compare(what: string, known: number[], unknown: number[]): Comparison {
  const p = mannWhitneyP(known, unknown);
  const [low, high] = gapInterval(known, unknown).map((gap) => gap / median(known)) as [number, number];
  const medians = `median ${median(known).toFixed(2)} ms known, ${median(unknown).toFixed(2)} ms unknown`;
  const gaps = `gap ${(100 * low).toFixed(1)} % to ${(100 * high).toFixed(1)} %`;
  process.stdout.write(`${what}: ${known.length} pairs, p ${p.toFixed(3)}, ${medians}, ${gaps}\n`);
  return { p, gap: Math.max(-low, high) };
}

const alike = ({ p, gap }: Comparison): boolean => p > 0.01 && gap < GAP;

describe('the comparison itself', () => {
  it('sees a difference of a twentieth, and none in one and the same source', () => {
    const sample = (shift: number): number[] =>
      Array.from({ length: PAIRS }, (_, i) => 20 + ((i * 7919) % 101) / 50 + shift);
    expect(mannWhitneyP(sample(0), sample(0))).toBeGreaterThan(0.9);
    expect(mannWhitneyP(sample(0), sample(1))).toBeLessThan(0.001);
    expect(gapInterval(sample(0), sample(1)).every((gap) => gap > 0.9 && gap < 1.1)).toBe(true);
    const [low, high] = gapInterval(sample(0), sample(0).toReversed());
    expect([low < 0, high > 0]).toEqual([true, true]);
  });
});

describe('the time an answer takes', () => {
  it.each([
    ['signing in', '/auth/login', { password: 'a wrong password' }],
    ['signing up', '/auth/register', { password: PASSWORD }],
    ['a forgotten password', '/auth/password/forgot', {}],
  ])(
    'does not tell known from unknown addresses at %s',
    async (what, path, body) => {
      const comparisons: Comparison[] = [];
      for (let round = 0; round < TRIES && !comparisons.some(alike); round++) {
        const times: [number[], number[]] = [[], []];
        for (let i = 0; i < PAIRS; i++) {
          const emails = [known[round * PAIRS + i]!, newEmail()];
          // Which of the two goes first changes, so that neither profits from what the other has warmed.
          for (const index of i % 2 ? ([0, 1] as const) : ([1, 0] as const)) {
            times[index].push(await timeOf(path, { email: emails[index], ...body }));
          }
        }
        comparisons.push(compare(what, ...times));
      }
      expect(comparisons.some(alike), JSON.stringify(comparisons)).toBe(true);
    },
    PAIRS * 1_000,
  );
});
