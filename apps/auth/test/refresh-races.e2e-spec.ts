import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { campaignSize, testRedisUrl } from '#libs/testing';
import { AuthApp, newEmail, PASSWORD, type Tokens } from './support/auth-app.js';

const AGENT = { 'user-agent': 'Player/1.0' };
const THIEF = { 'user-agent': 'Thief/1.0' };
const NEW_PASSWORD = { currentPassword: PASSWORD, newPassword: `${PASSWORD}, and another` };
const AT_ONCE = 10;
const ROUNDS = campaignSize('REFRESHES_CAMPAIGN') / AT_ONCE;

/** Ends the session whose tokens these are; `spent` is the refresh token they have replaced, `elsewhere` another session of the user. */
type End = (tokens: Tokens, spent: string, elsewhere: string) => Promise<Response>;

const ENDS: { end: End; answers: number }[] = [
  { end: ({ refreshToken }) => auth.call('POST', '/auth/logout', { refreshToken }), answers: 204 },
  { end: (_, __, elsewhere) => auth.as(elsewhere, 'POST', '/auth/logout-all'), answers: 204 },
  { end: (_, __, elsewhere) => auth.as(elsewhere, 'POST', '/auth/password/change', NEW_PASSWORD), answers: 204 },
  { end: (_, __, elsewhere) => auth.as(elsewhere, 'DELETE', '/users/me'), answers: 204 },
  { end: (_, spent) => refresh(spent, auth, THIEF), answers: 401 },
];

let auth: AuthApp;
let second: AuthApp;
let emails: string[];

beforeAll(async () => {
  auth = await AuthApp.start();
  second = await AuthApp.start({}, auth);
  const { email } = await auth.user();
  emails = Array.from({ length: ROUNDS }, newEmail);
  await auth.query(
    `INSERT INTO users (id, email, email_verified_at, password_hash, locale)
     SELECT gen_random_uuid(), unnest($1::text[]), now(), password_hash, 'en' FROM users WHERE email = $2`,
    [emails, email],
  );
});
afterAll(async () => {
  await second.stop();
  await auth.stop();
});

function refresh(refreshToken: string, app: AuthApp, headers = AGENT): Promise<Response> {
  return app.insist(() => app.call('POST', '/auth/refresh', { refreshToken }, headers));
}

/** Refreshes many times at once over two instances, then again and again until `over`; gives the pairs of every answer. */
async function refreshOn(refreshToken: string, over: () => boolean): Promise<{ asked: number; pairs: Tokens[] }> {
  const ask = (token: string, index: number): Promise<Response> => refresh(token, index % 2 ? auth : second);
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => ask(refreshToken, i)));
  const pairs: Tokens[] = [];
  let asked = AT_ONCE;
  for (const answer of answers) if (answer.status === 200) pairs.push((await answer.json()) as Tokens);
  while (pairs.length > 0 && !over()) {
    const answer = await ask(pairs.at(-1)!.refreshToken, asked++);
    if (answer.status !== 200) break;
    pairs.push((await answer.json()) as Tokens);
  }
  return { asked, pairs };
}

/** How many of the tokens still give a new one. */
async function alive(refreshTokens: readonly string[], app: AuthApp): Promise<number> {
  const statuses: number[] = [];
  const left = refreshTokens.values();
  const tryAll = async (): Promise<void> => {
    for (const token of left) statuses.push((await refresh(token, app)).status);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, tryAll));
  expect(statuses.filter((status) => status !== 200 && status !== 401)).toEqual([]);
  return statuses.filter((status) => status === 200).length;
}

/**
 * What holds is the sum of the locks and the list of revocations, either of which would do here; refresh-locks.e2e-spec.ts has the locks alone.
 * Full size: `REFRESHES_CAMPAIGN=10000 npm test apps/auth/test/refresh-races.e2e-spec.ts`.
 */
it(
  'no refresh gives a token that lives on after the end of its session was confirmed, however the two race',
  async () => {
    const counted = { ends: 0, refreshes: 0, won: 0, 'lived on': 0, 'access lived on': 0, 'alive after a restart': 0 };
    const issued: string[] = [];
    for (const [round, email] of emails.entries()) {
      const user = { email, password: PASSWORD };
      const { end, answers } = ENDS[round % ENDS.length]!;
      const [first, elsewhere] = [await auth.login(user, AGENT), await auth.login(user)];
      const current = (await (await refresh(first.refreshToken, auth)).json()) as Tokens;
      let ended = false;
      const racing = refreshOn(current.refreshToken, () => ended);
      expect((await end(current, first.refreshToken, elsewhere.accessToken)).status).toBe(answers);
      ended = true;
      const { asked, pairs } = await racing;
      const refreshTokens = [...new Set([current, ...pairs].map((pair) => pair.refreshToken))];
      const accessTokens = [...new Set([current, ...pairs].map((pair) => pair.accessToken))];
      counted.ends++;
      counted.refreshes += asked;
      counted.won += pairs.length;
      counted['lived on'] += await alive(refreshTokens, auth);
      for (const accessToken of accessTokens)
        if ((await auth.as(accessToken, 'GET', '/users/me')).status !== 401) counted['access lived on']++;
      issued.push(first.refreshToken, ...refreshTokens);
    }
    const redis = new Redis(testRedisUrl());
    await redis.flushdb();
    redis.disconnect();
    const restarted = await AuthApp.start({}, auth);
    try {
      counted['alive after a restart'] = await alive(issued, restarted);
    } finally {
      await restarted.stop();
    }
    process.stdout.write(`refreshes against the end of a session: ${JSON.stringify(counted)}\n`);
    expect(counted).toMatchObject({ 'lived on': 0, 'access lived on': 0, 'alive after a restart': 0 });
    // Both sides have to win sometimes, or nothing raced.
    expect(counted.won).toBeGreaterThan(0);
    expect(counted.won).toBeLessThan(counted.refreshes);
  },
  120_000 + ROUNDS * 2_000,
);
