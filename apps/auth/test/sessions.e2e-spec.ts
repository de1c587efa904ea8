import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testRedisUrl } from '#libs/testing';
import { AuthApp, type Tokens, type TestUser } from './support/auth-app.js';

const REUSED = 'auth.security.refresh_reused.v1';
const AGENT = { 'user-agent': 'Player/1.0' };
let auth: AuthApp;
let second: AuthApp;
let user: TestUser;

beforeAll(async () => {
  auth = await AuthApp.start();
  second = await AuthApp.start({}, auth);
  user = await auth.user();
});
afterAll(async () => {
  await second.stop();
  await auth.stop();
});

async function refresh(refreshToken: string, app = auth, headers: Record<string, string> = AGENT): Promise<Response> {
  return app.call('POST', '/auth/refresh', { refreshToken }, headers);
}

/** Moves the moment a session's tokens were spent into the past. */
async function ageSpentTokens(seconds: number): Promise<void> {
  await auth.query(
    `UPDATE refresh_tokens SET spent_at = spent_at - $1 * interval '1 second' WHERE spent_at IS NOT NULL`,
    [seconds],
  );
}

describe('refreshing', () => {
  it('gives a new pair whose refresh token works in turn', async () => {
    const first = await auth.login(user, AGENT);
    const next = (await (await refresh(first.refreshToken)).json()) as Tokens;
    expect(next.refreshToken).not.toBe(first.refreshToken);
    expect((await auth.as(next.accessToken, 'GET', '/users/me')).status).toBe(200);
    expect((await refresh(next.refreshToken)).status).toBe(200);
  });

  it('gives fifty parallel refreshes over two instances one successor and the same pair, and announces later reuse once', async () => {
    const { refreshToken } = await auth.login(user, AGENT);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => refresh(refreshToken, i % 2 ? auth : second)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
    const pairs = (await Promise.all(answers.map((answer) => answer.json()))) as Tokens[];
    expect(new Set(pairs.map((pair) => JSON.stringify(pair))).size).toBe(1);
    const before = (await auth.events(REUSED)).length;
    await ageSpentTokens(11);
    const late = await Promise.all(Array.from({ length: 20 }, (_, i) => refresh(refreshToken, i % 2 ? auth : second)));
    expect(new Set(late.map(({ status }) => status))).toEqual(new Set([401]));
    expect((await refresh(pairs[0]!.refreshToken)).status).toBe(401);
    expect(await auth.events(REUSED)).toHaveLength(before + 1);
    expect(await auth.query(`SELECT 1 FROM audit_entries WHERE action = 'session.refresh_reused'`)).toHaveLength(
      before + 1,
    );
  });

  it('gives the same pair again within ten seconds, so that a lost answer logs nobody out', async () => {
    const { refreshToken } = await auth.login(user, AGENT);
    const [first, again] = [await (await refresh(refreshToken)).json(), await (await refresh(refreshToken)).json()];
    expect(again).toEqual(first);
  });

  it('goes on when the client went away before the answer and asks again', async () => {
    const { refreshToken } = await auth.login(user, AGENT);
    await auth.query('BEGIN');
    await auth.query('SELECT 1 FROM refresh_tokens WHERE spent_at IS NULL FOR UPDATE');
    const gone = new AbortController();
    const unanswered = fetch(`${auth.url}/auth/refresh`, {
      method: 'POST',
      signal: gone.signal,
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '10.3.3.3', ...AGENT },
      body: JSON.stringify({ refreshToken }),
    });
    await auth.eventually(async () => {
      const waiting = await auth.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return waiting.length > 0 ? true : undefined;
    });
    gone.abort();
    await expect(unanswered).rejects.toThrow('abort');
    await auth.query('COMMIT');
    const again = await refresh(refreshToken);
    expect(again.status).toBe(200);
    const { refreshToken: successor } = (await again.json()) as Tokens;
    expect((await refresh(successor)).status).toBe(200);
  });

  it('takes a spent token from another client for theft even within ten seconds', async () => {
    const { refreshToken } = await auth.login(user, AGENT);
    const { refreshToken: successor } = (await (await refresh(refreshToken)).json()) as Tokens;
    expect((await refresh(refreshToken, auth, { 'user-agent': 'Thief/1.0' })).status).toBe(401);
    expect((await refresh(successor)).status).toBe(401);
  });

  it('live for 180 days at most, however often they are refreshed, and each refresh token for thirty', async () => {
    const ends = (): Promise<object[]> =>
      auth.query(
        `SELECT s.expires_at = s.created_at + interval '180 days' AS "absolute", s.expires_at AS "session",
                array_agg((t.expires_at - t.issued_at) = interval '30 days') AS "tokens"
           FROM sessions s JOIN refresh_tokens t ON t.session_id = s.id JOIN users u ON u.id = s.user_id WHERE u.email = $1 GROUP BY s.id`,
        [someone.email],
      );
    const someone = await auth.user();
    const { refreshToken } = await auth.login(someone, AGENT);
    const [opened] = await ends();
    expect(opened).toMatchObject({ absolute: true, tokens: [true] });
    expect((await refresh(refreshToken)).status).toBe(200);
    expect(await ends()).toEqual([{ ...opened, tokens: [true, true] }]);
  });

  it('refuses an expired token and a session past its absolute life', async () => {
    const expired = await auth.login(user, AGENT);
    await auth.query(`UPDATE refresh_tokens SET expires_at = now() - interval '1 second' WHERE spent_at IS NULL`);
    expect((await refresh(expired.refreshToken)).status).toBe(401);
    const old = await auth.login(user, AGENT);
    await auth.query(`UPDATE sessions SET expires_at = now() - interval '1 second'`);
    expect((await refresh(old.refreshToken)).status).toBe(401);
  });

  it('takes a spent token for theft however old it is, as long as the session lives', async () => {
    const { refreshToken: spent } = await auth.login(user, AGENT);
    const successor = ((await (await refresh(spent)).json()) as { refreshToken: string }).refreshToken;
    await auth.query(
      `UPDATE refresh_tokens SET spent_at = now() - interval '31 days', expires_at = now() - interval '1 day' WHERE spent_at IS NOT NULL`,
    );
    const before = (await auth.events('auth.security.refresh_reused.v1')).length;
    expect((await refresh(spent)).status).toBe(401);
    expect((await refresh(successor)).status).toBe(401);
    expect(await auth.events('auth.security.refresh_reused.v1')).toHaveLength(before + 1);
  });

  it.each(['blocked_at', 'deleted_at'])('gives nothing to a user with %s, though the session lives', async (column) => {
    const gone = await auth.user();
    const { refreshToken } = await auth.login(gone, AGENT);
    await auth.query(`UPDATE users SET ${column} = now() WHERE email = $1`, [gone.email]);
    expect((await refresh(refreshToken)).status).toBe(401);
    await auth.query(`UPDATE users SET ${column} = NULL WHERE email = $1`, [gone.email]);
    expect((await refresh(refreshToken)).status).toBe(200);
  });

  it.each(['', 'x', 'a'.repeat(43), randomBytes(32).toString('base64url'), 'a.b.c'])(
    'answers %j with 401',
    async (refreshToken) => {
      expect((await refresh(refreshToken)).status).toBe(401);
    },
  );

  it('answers what is no text with 422', async () => {
    expect((await refresh('\u0000'.repeat(43))).status).toBe(422);
  });

  it('does not take an access token for a refresh token, nor the other way round', async () => {
    const { accessToken, refreshToken } = await auth.login(user, AGENT);
    const asRefreshToken = (text: string): Promise<Response> =>
      auth.call('POST', '/auth/refresh', { refreshToken: text }, AGENT);
    expect((await asRefreshToken(accessToken)).status).toBe(422);
    expect((await asRefreshToken(accessToken.slice(0, 200))).status).toBe(401);
    expect((await auth.as(refreshToken, 'GET', '/users/me')).status).toBe(401);
  });

  it('remembers what is spent and ended through a restart and a wiped Redis', async () => {
    const [spent, ended] = [await auth.login(user, AGENT), await auth.login(user, AGENT)];
    await refresh(spent.refreshToken);
    await ageSpentTokens(11);
    await auth.call('POST', '/auth/logout', { refreshToken: ended.refreshToken });
    const redis = new Redis(testRedisUrl());
    await redis.flushdb();
    redis.disconnect();
    const restarted = await AuthApp.start({}, auth);
    try {
      for (const { refreshToken } of [spent, ended]) expect((await refresh(refreshToken, restarted)).status).toBe(401);
      expect((await restarted.as(ended.accessToken, 'GET', '/users/me')).status).toBe(401);
    } finally {
      await restarted.stop();
    }
  });

  it('keeps no usable token in the database', async () => {
    const { refreshToken } = await auth.login(user, AGENT);
    const { refreshToken: successor } = (await (await refresh(refreshToken)).json()) as Tokens;
    for (const token of [refreshToken, successor]) {
      expect(await auth.query('SELECT 1 FROM refresh_tokens t WHERE t::text LIKE $1', [`%${token}%`])).toHaveLength(0);
    }
  });

  it('promises the single successor in the database itself', async () => {
    await auth.login(user, AGENT);
    const [row] = await auth.query<{ session_id: string }>(
      'SELECT session_id FROM refresh_tokens WHERE spent_at IS NULL LIMIT 1',
    );
    const second = auth.query(
      `INSERT INTO refresh_tokens (token_hash, session_id, expires_at) VALUES ('\\x00', $1, now() + interval '1 day')`,
      [row!.session_id],
    );
    await expect(second).rejects.toThrow('uq_refresh_tokens_head');
  });
});

describe('ending sessions', () => {
  it('ends the session of a refresh token, spent or not', async () => {
    const current = await auth.login(user, AGENT);
    expect((await auth.call('POST', '/auth/logout', { refreshToken: current.refreshToken })).status).toBe(204);
    expect((await refresh(current.refreshToken)).status).toBe(401);
    const spent = await auth.login(user, AGENT);
    const next = (await (await refresh(spent.refreshToken)).json()) as Tokens;
    await auth.call('POST', '/auth/logout', { refreshToken: spent.refreshToken });
    expect((await refresh(next.refreshToken)).status).toBe(401);
  });

  it('tells nothing about a token it does not know', async () => {
    expect((await auth.call('POST', '/auth/logout', { refreshToken: 'x' })).status).toBe(204);
  });

  it('ends all sessions of one user and of no other', async () => {
    const other = await auth.user();
    const [mine, mineToo, theirs] = [
      await auth.login(user, AGENT),
      await auth.login(user, AGENT),
      await auth.login(other, AGENT),
    ];
    expect((await auth.as(mine.accessToken, 'POST', '/auth/logout-all')).status).toBe(204);
    expect((await refresh(mine.refreshToken)).status).toBe(401);
    expect((await refresh(mineToo.refreshToken)).status).toBe(401);
    expect((await refresh(theirs.refreshToken)).status).toBe(200);
  });
});

describe('the refresh cookie', () => {
  const origin = 'http://app.test';

  async function browserSession(held?: string): Promise<string> {
    const form = new URLSearchParams(user as unknown as Record<string, string>).toString();
    const answer = await auth.call('POST', '/oauth/sign-in', form, {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'http://auth.test',
      ...AGENT,
      ...(held && { cookie: held }),
    });
    expect(answer.status).toBe(303);
    const [cookie] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^refresh=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/);
    return cookie!.split(';')[0]!;
  }

  it('takes the place of the one the browser had, whose session ends, and of no other', async () => {
    const [elsewhere, held] = [await browserSession(), await browserSession()];
    const cookie = await browserSession(held);
    const refreshed = (with_: string): Promise<Response> =>
      auth.call('POST', '/auth/refresh', {}, { cookie: with_, origin, ...AGENT });
    expect((await refreshed(held)).status).toBe(401);
    for (const live of [elsewhere, cookie]) expect((await refreshed(live)).status).toBe(200);
  });

  it('refreshes without showing the refresh token to the script', async () => {
    const cookie = await browserSession();
    const answer = await auth.call('POST', '/auth/refresh', {}, { cookie, origin, ...AGENT });
    expect(answer.status).toBe(200);
    expect(await answer.json()).not.toHaveProperty('refreshToken');
    expect(answer.headers.getSetCookie()[0]).toMatch(/^refresh=/);
  });

  it('is bound to its host over TLS, as is every other cookie, and small', async () => {
    const tls = await AuthApp.start(
      { AUTH_PUBLIC_URL: 'https://auth.test', GOOGLE_CLIENT_ID: 'client', GOOGLE_CLIENT_SECRET: 'secret' },
      auth,
    );
    try {
      const form = new URLSearchParams(user as unknown as Record<string, string>).toString();
      const answers = [
        await tls.call('POST', '/oauth/sign-in', form, {
          'content-type': 'application/x-www-form-urlencoded',
          origin: 'https://auth.test',
        }),
        await tls.call('GET', `/oauth/google?returnTo=http://app.test/${'a'.repeat(2_000)}`),
      ];
      const cookies = answers.flatMap(({ headers }) => headers.getSetCookie());
      expect(cookies.map((cookie) => cookie.split('=')[0])).toEqual(['__Host-refresh', '__Host-google']);
      for (const cookie of cookies) {
        expect(cookie).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=(Strict|Lax)$/);
        expect(cookie).not.toContain('Domain');
        expect(Buffer.byteLength(cookie)).toBeLessThan(4_096);
      }
    } finally {
      await tls.stop();
    }
  });

  it('is not honoured for a page of another origin, or of none', async () => {
    const cookie = await browserSession();
    const foreign: Record<string, string>[] = [{ origin: 'http://evil.test' }, { origin: 'null' }, {}];
    for (const headers of foreign) {
      expect((await auth.call('POST', '/auth/refresh', {}, { cookie, ...headers })).status).toBe(403);
      expect((await auth.call('POST', '/auth/logout', {}, { cookie, ...headers })).status).toBe(403);
    }
    expect((await auth.call('POST', '/auth/refresh', {}, { cookie, origin, ...AGENT })).status).toBe(200);
  });

  it('survives a failed refresh, which may be the late one of another tab', async () => {
    const cookie = `refresh=${randomBytes(32).toString('base64url')}`;
    const answer = await auth.call('POST', '/auth/refresh', {}, { cookie, origin });
    expect(answer.status).toBe(401);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it('goes away at logout', async () => {
    const cookie = await browserSession();
    const answer = await auth.call('POST', '/auth/logout', {}, { cookie, origin });
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie()[0]).toMatch(/^refresh=;/);
    expect((await auth.call('POST', '/auth/refresh', {}, { cookie, origin, ...AGENT })).status).toBe(401);
  });
});
