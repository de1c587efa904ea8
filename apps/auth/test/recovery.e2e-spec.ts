import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AccountChangedError } from '../src/sessions/session.errors.js';
import { SessionsService } from '../src/sessions/sessions.service.js';
import { UsersRepository } from '../src/users/users.repository.js';
import { AuthApp, newEmail, PASSWORD, randomIp, type TestUser } from './support/auth-app.js';
import { Rival } from './support/rival.js';

const NEW = 'an entirely new password';
const RECOVERY = 'auth.user.password_recovery_requested.v1';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
let auth: AuthApp;
let user: TestUser;

beforeAll(async () => {
  auth = await AuthApp.start();
});
afterAll(() => auth.stop());
beforeEach(async () => {
  user = await auth.user();
});

async function forgot(email = user.email, count = 1): Promise<string> {
  await auth.call('POST', '/auth/password/forgot', { email });
  return auth.linkTokenFor(email, RECOVERY, count);
}
const reset = (token: string, password = NEW): Promise<Response> =>
  auth.call('POST', '/auth/password/reset', { token, password });
const statusOf = async (email: string, password: string): Promise<number> =>
  (await auth.call('POST', '/auth/login', { email, password })).status;

describe('a forgotten password', () => {
  it('is replaced through the link; every session ends, no new one begins, the owner is told', async () => {
    const { accessToken, refreshToken } = await auth.login(user);
    const answer = await reset(await forgot());
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ reset: true });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect((await auth.as(accessToken, 'GET', '/users/me')).status).toBe(401);
    expect((await auth.call('POST', '/auth/refresh', { refreshToken })).status).toBe(401);
    expect(await statusOf(user.email, PASSWORD)).toBe(401);
    expect(await statusOf(user.email, NEW)).toBe(200);
    const told = (await auth.events('auth.user.password_changed.v1')).filter(
      ({ payload }) => payload['email'] === user.email,
    );
    expect(told).toHaveLength(1);
  });

  it('gets the same answer for a known and an unknown address, and no mail for the unknown', async () => {
    const bodies = await Promise.all(
      [user.email, newEmail()].map(async (email) => {
        const answer = await auth.call('POST', '/auth/password/forgot', { email });
        return [answer.status, await answer.text(), [...answer.headers.keys()].toSorted().join()];
      }),
    );
    expect(bodies[0]).toEqual(bodies[1]);
    await auth.mailsAnswered();
    expect((await auth.events(RECOVERY)).filter(({ payload }) => payload['email'] === user.email)).toHaveLength(1);
  });

  it('is set by a user who came through Google, by the link alone and with the same answer', async () => {
    await auth.query('UPDATE users SET password_hash = NULL WHERE email = $1', [user.email]);
    const [answer, unknown] = [
      await auth.call('POST', '/auth/password/forgot', { email: user.email }),
      await auth.call('POST', '/auth/password/forgot', { email: newEmail() }),
    ];
    expect([answer.status, await answer.text()]).toEqual([unknown.status, await unknown.text()]);
    expect(await statusOf(user.email, '')).toBe(401);
    expect((await reset(await auth.linkTokenFor(user.email, RECOVERY))).status).toBe(200);
    expect(await statusOf(user.email, NEW)).toBe(200);
  });

  it('is asked for by an address on one line, as every mail is', async () => {
    const { accessToken } = await auth.login(user);
    for (const email of [`${user.email}\r\nBcc: b@y.example`, `a@x.example,${user.email}`, [user.email]])
      for (const path of ['/auth/password/forgot', '/auth/resend-verification', '/users/me/email'])
        expect([path, (await auth.as(accessToken, 'POST', path, { email })).status]).toEqual([path, 422]);
  });

  it('lets one of sixteen parallel uses of a link win', async () => {
    const token = await forgot();
    const statuses = await auth.sixteen((i) => reset(token, `${NEW} ${i}`));
    expect(statuses).toEqual([200, ...Array<number>(15).fill(422)]);
  });

  it('leaves only the newest link working, for half an hour', async () => {
    const older = await forgot();
    const newer = await forgot(user.email, 2);
    expect((await reset(older)).status).toBe(422);
    await auth.query(`UPDATE one_time_tokens SET expires_at = now() - interval '1 second'`);
    expect((await reset(newer)).status).toBe(422);
    const [row] = await auth.query<{ life: number }>(
      `SELECT extract(epoch FROM expires_at - now())::int AS life FROM one_time_tokens WHERE token_hash IS NOT NULL LIMIT 1`,
    );
    expect(row!.life).toBeLessThanOrEqual(0);
    const third = await forgot(user.email, 3);
    const [fresh] = await auth.query<{ life: number }>(
      `SELECT max(extract(epoch FROM expires_at - now()))::int AS life FROM one_time_tokens`,
    );
    expect(fresh!.life).toBeGreaterThan(1_700);
    expect(fresh!.life).toBeLessThanOrEqual(1_800);
    expect((await reset(third)).status).toBe(200);
  });

  it('keeps the link when the new password is too weak', async () => {
    const token = await forgot();
    expect((await reset(token, 'password123')).status).toBe(422);
    expect((await reset(token)).status).toBe(200);
  });

  it('takes no token of another kind', async () => {
    const email = newEmail();
    await auth.call('POST', '/auth/register', { email, password: PASSWORD });
    const verification = await auth.linkTokenFor(email);
    const wanted = newEmail();
    const { accessToken } = await auth.login(user);
    await auth.as(accessToken, 'POST', '/users/me/email', { email: wanted });
    const recovery = await forgot();
    // Whoever holds a session for a moment may have the latter mailed to an address of their own.
    for (const token of [verification, await auth.linkTokenFor(wanted)]) expect((await reset(token)).status).toBe(422);
    expect((await auth.call('POST', '/auth/verify-email', { token: recovery })).status).toBe(422);
    expect((await auth.call('POST', '/auth/email/confirm', { token: recovery })).status).toBe(422);
    expect((await auth.as(recovery, 'GET', '/users/me')).status).toBe(401);
    expect((await reset(recovery)).status).toBe(200);
  });

  it('sends no link to an address that its user is leaving at that moment', async () => {
    const [leaving, next] = [await auth.user(), await auth.user()];
    const rival = await Rival.begin(auth);
    await rival.query('UPDATE users SET email = $2 WHERE email = $1', [leaving.email, newEmail()]);
    await auth.call('POST', '/auth/password/forgot', { email: leaving.email });
    await rival.waiting(1);
    await rival.commit();
    // Requests are worked off in turn.
    await auth.call('POST', '/auth/password/forgot', { email: next.email });
    await auth.linkTokenFor(next.email, RECOVERY);
    expect(await auth.linksFor(leaving.email, RECOVERY)).toEqual([]);
  });

  it('opens the door that guessing has closed', async () => {
    for (let i = 0; i < 10; i++) await statusOf(user.email, 'a wrong password');
    // The first wait is of seconds, and the machine may be busy for as long.
    await auth.query(`UPDATE sign_in_failures SET blocked_until = now() + interval '1 hour' WHERE failures >= 10`);
    expect(await statusOf(user.email, PASSWORD)).toBe(429);
    await reset(await forgot());
    expect(await statusOf(user.email, NEW)).toBe(200);
  });

  it('sends one recipient at most five mails an hour, and none to a blocked user', async () => {
    const [known, unknown] = await Promise.all(
      [user.email, newEmail()].map(async (email) => {
        const answers: string[] = [];
        for (let i = 0; i < 50; i++) {
          const answer = await auth.insist(() => auth.call('POST', '/auth/password/forgot', { email }));
          const { requestId: _, ...body } = (await answer.json()) as Record<string, unknown>;
          answers.push(`${answer.status} ${JSON.stringify(body)}`);
        }
        return new Set(answers);
      }),
    );
    expect(known).toEqual(unknown);
    expect([...known!].map((answer) => answer.slice(0, 3))).toEqual(['202', '429']);
    const blocked = await auth.user();
    await auth.query('UPDATE users SET blocked_at = now() WHERE email = $1', [blocked.email]);
    await auth.call('POST', '/auth/password/forgot', { email: blocked.email });
    await auth.mailsAnswered();
    const mails = await auth.events(RECOVERY);
    expect(mails.filter(({ payload }) => payload['email'] === user.email)).toHaveLength(5);
    expect(mails.filter(({ payload }) => payload['email'] === blocked.email)).toHaveLength(0);
  });

  it('has a page that keeps the link to itself, says what is wrong and ends with the way to sign in', async () => {
    const token = await forgot();
    const shown = await auth.call('GET', `/auth/password/reset?token=${token}&lang=ru`);
    expect(shown.headers.get('referrer-policy')).toBe('no-referrer');
    expect(shown.headers.get('cache-control')).toBe('no-store');
    expect(await shown.text()).toContain('Новый пароль');
    const weak = await auth.call('POST', '/auth/password/reset?lang=ru', `token=${token}&password=password123`, FORM);
    expect(weak.status).toBe(422);
    expect(await weak.text()).toContain('слишком распространён');
    const done = await auth.call(
      'POST',
      '/auth/password/reset',
      `token=${token}&password=${encodeURIComponent(NEW)}`,
      FORM,
    );
    expect(done.status).toBe(200);
    expect(await done.text()).toContain('href="/oauth/');
  });
});

describe('changing the password', () => {
  const change = (accessToken: string, currentPassword: string, newPassword = NEW): Promise<Response> =>
    auth.as(accessToken, 'POST', '/auth/password/change', { currentPassword, newPassword });

  it('needs the current one, ends every other session and keeps this one', async () => {
    const [mine, other] = [await auth.login(user), await auth.login(user)];
    expect((await change(mine.accessToken, 'a wrong password')).status).toBe(403);
    expect((await auth.as(other.accessToken, 'GET', '/users/me')).status).toBe(200);
    expect((await change(mine.accessToken, PASSWORD)).status).toBe(204);
    expect((await auth.as(other.accessToken, 'GET', '/users/me')).status).toBe(401);
    expect((await auth.call('POST', '/auth/refresh', { refreshToken: other.refreshToken })).status).toBe(401);
    const refreshed = await auth.call('POST', '/auth/refresh', { refreshToken: mine.refreshToken });
    expect(refreshed.status).toBe(200);
    expect(await statusOf(user.email, NEW)).toBe(200);
  });

  it('counts wrong guesses like those at sign-in', async () => {
    const { accessToken } = await auth.login(user);
    for (let i = 0; i < 10; i++) expect((await change(accessToken, `guess number ${i}`)).status).toBe(403);
    expect((await change(accessToken, PASSWORD)).status).toBe(429);
  });

  it('is done so many times an hour from one place: each costs hashes, a look-up elsewhere and a mail', async () => {
    const { accessToken } = await auth.login(user);
    const from = { authorization: `Bearer ${accessToken}`, 'x-forwarded-for': randomIp() };
    const body = { currentPassword: PASSWORD, newPassword: 'short' };
    const statuses: number[] = [];
    for (let i = 0; i < 61; i++) statuses.push((await auth.call('POST', '/auth/password/change', body, from)).status);
    expect(statuses).toEqual([...Array<number>(60).fill(422), 429]);
  });

  it('kills a reset link that somebody else has asked for', async () => {
    const pending = await forgot();
    const { accessToken } = await auth.login(user);
    await change(accessToken, PASSWORD);
    expect((await reset(pending, 'the password of a thief')).status).toBe(422);
  });

  it('is not done by the password of before a change that came first', async () => {
    const { accessToken } = await auth.login(user);
    const rival = await Rival.begin(auth);
    await rival.query('SELECT 1 FROM users WHERE email = $1 FOR UPDATE', [user.email]);
    const late = change(accessToken, PASSWORD, 'the password of a thief');
    await rival.waiting(1);
    await rival.query(`UPDATE users SET password_hash = '$argon2id$x' WHERE email = $1`, [user.email]);
    await rival.commit();
    await rival.end();
    expect((await late).status).toBe(403);
    const kept = await auth.query('SELECT password_hash AS hash FROM users WHERE email = $1', [user.email]);
    expect(kept).toEqual([{ hash: '$argon2id$x' }]);
  });

  it('opens no session for whom was looked at before the change, on a known device or a new one', async () => {
    const { accessToken } = await auth.login(user);
    const before = (await auth.app.get(UsersRepository).findByEmail(user.email))!;
    expect((await change(accessToken, PASSWORD)).status).toBe(204);
    const sessions = auth.app.get(SessionsService);
    for (const userAgent of ['node', 'Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) TV Safari/537.36'])
      await expect(sessions.open(before, ['pwd'], { ip: '10.1.1.1', userAgent })).rejects.toThrow(AccountChangedError);
    expect(await auth.query('SELECT 1 FROM sessions WHERE user_id = $1', [before.id])).toHaveLength(1);
  });

  it('lets nobody in who checked the old password just before', async () => {
    for (let round = 0; round < 5; round++) {
      const someone = await auth.user();
      const { accessToken } = await auth.login(someone);
      const racing = Promise.all(Array.from({ length: 6 }, () => auth.call('POST', '/auth/login', someone)));
      await change(accessToken, PASSWORD);
      for (const answer of await racing) {
        if (answer.status !== 200) continue;
        const { refreshToken } = (await answer.json()) as { refreshToken: string };
        expect((await auth.call('POST', '/auth/refresh', { refreshToken })).status).toBe(401);
      }
    }
  });
});

describe('changing the address', () => {
  it('needs a recent sign-in and proof of the new address, and tells the old one', async () => {
    const { accessToken } = await auth.login(user);
    const email = newEmail();
    await auth.query(`UPDATE sessions SET authenticated_at = now() - interval '16 minutes'`);
    const stale = await auth.as(accessToken, 'POST', '/users/me/email', { email });
    expect(stale.status).toBe(403);
    expect(await stale.json()).toMatchObject({ code: 'auth.step_up_required' });
    await auth.query('UPDATE sessions SET authenticated_at = now()');
    expect((await auth.as(accessToken, 'POST', '/users/me/email', { email })).status).toBe(202);
    const token = await auth.linkTokenFor(email);
    expect(await statusOf(user.email, PASSWORD)).toBe(200);
    const uses = await auth.sixteen(() => auth.call('POST', '/auth/email/confirm', { token }));
    expect(uses).toEqual([200, ...Array<number>(15).fill(422)]);
    expect(await statusOf(email, PASSWORD)).toBe(200);
    expect(await statusOf(user.email, PASSWORD)).toBe(401);
    const told = await auth.events('auth.user.email_changed.v1');
    expect(told.at(-1)?.payload).toMatchObject({ email, previousEmail: user.email });
  });

  it.each(['every session ends', 'every other session ends', 'a stolen token comes back'])(
    'comes to nothing once %s: who asked may have been a thief',
    async (what) => {
      const owner = await auth.user();
      const [own, stolen] = [await auth.login(owner), await auth.login(owner)];
      const email = newEmail();
      expect((await auth.as(stolen.accessToken, 'POST', '/users/me/email', { email })).status).toBe(202);
      const token = await auth.linkTokenFor(email);
      if (what === 'every session ends') await auth.as(own.accessToken, 'POST', '/auth/logout-all');
      else if (what === 'every other session ends')
        await auth.as(own.accessToken, 'DELETE', '/users/me/sessions/others');
      else {
        await auth.call('POST', '/auth/refresh', { refreshToken: stolen.refreshToken });
        await auth.query(
          `UPDATE refresh_tokens SET spent_at = spent_at - interval '1 minute' WHERE spent_at IS NOT NULL`,
        );
        expect((await auth.call('POST', '/auth/refresh', { refreshToken: stolen.refreshToken })).status).toBe(401);
      }
      const late = await auth.call('POST', '/auth/email/confirm', { token });
      expect([late.status, await late.json()]).toMatchObject([422, { code: 'auth.link_invalid' }]);
      expect(await statusOf(owner.email, PASSWORD)).toBe(200);
    },
  );

  it('gives two users who want one address to one of them, and tells the owner of a taken one', async () => {
    const email = newEmail();
    const rivals = [user, await auth.user()];
    const tokens: string[] = [];
    for (const [index, rival] of rivals.entries()) {
      const { accessToken } = await auth.login(rival);
      await auth.as(accessToken, 'POST', '/users/me/email', { email });
      tokens.push(await auth.linkTokenFor(email, undefined, index + 1));
    }
    const answers = await Promise.all(tokens.map((token) => auth.call('POST', '/auth/email/confirm', { token })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 422]);
    const { accessToken } = await auth.login(await auth.user());
    await auth.as(accessToken, 'POST', '/users/me/email', { email });
    await auth.eventually(async () => {
      const told = (await auth.events('auth.user.registration_repeated.v1')).filter(
        ({ payload }) => payload['email'] === email,
      );
      return told.length > 0 ? told : undefined;
    });
    expect(await auth.linksFor(email)).toHaveLength(2);
  });
});

describe('an address that somebody else signs up with', () => {
  const THEIRS = "the owner's good password";
  const signUp = (email: string): Promise<Response> => auth.call('POST', '/auth/register', { email, password: THEIRS });
  const ask = async (email: string): Promise<Response> =>
    auth.as((await auth.login(user)).accessToken, 'POST', '/users/me/email', { email });

  it('gets no link to move an account there while the sign-up waits, and the answer does not tell', async () => {
    const [awaited, free] = [newEmail(), newEmail()];
    await signUp(awaited);
    const theirs = await auth.linkTokenFor(awaited);
    const answers = [await ask(awaited), await ask(free)];
    const bodies = await Promise.all(answers.map(async (answer) => [answer.status, await answer.text()]));
    expect(bodies[0]).toEqual(bodies[1]);
    await auth.linkTokenFor(free);
    await auth.mailsAnswered();
    expect(await auth.linksFor(awaited)).toHaveLength(1);
    expect((await auth.call('POST', '/auth/verify-email', { token: theirs })).status).toBe(200);
    expect(await statusOf(awaited, THEIRS)).toBe(200);
  });

  it('is not given to an account by a link from before the sign-up, which answers as a dead one', async () => {
    const email = newEmail();
    await ask(email);
    const moving = await auth.linkTokenFor(email);
    await signUp(email);
    const theirs = await auth.linkTokenFor(email, undefined, 2);
    const confirm = (token: string): Promise<Response> => auth.call('POST', '/auth/email/confirm', { token });
    const [refused, dead] = [await confirm(moving), await confirm('never-was-one')];
    const shapes = await Promise.all(
      [refused, dead].map(async (answer) => {
        const { requestId: _, ...body } = (await answer.json()) as Record<string, unknown>;
        return [answer.status, body];
      }),
    );
    expect(shapes[0]).toEqual([422, expect.objectContaining({ code: 'auth.link_invalid' })]);
    expect(shapes[0]).toEqual(shapes[1]);
    expect(await statusOf(user.email, PASSWORD)).toBe(200);
    expect((await auth.call('POST', '/auth/verify-email', { token: theirs })).status).toBe(200);
    expect(await statusOf(email, THEIRS)).toBe(200);
    expect((await confirm(moving)).status).toBe(422);
  });

  it('can be moved to once the sign-up has run out', async () => {
    const email = newEmail();
    await signUp(email);
    await auth.linkTokenFor(email);
    await auth.query(`UPDATE registrations SET expires_at = now() - interval '1 second' WHERE email = $1`, [email]);
    await ask(email);
    const token = await auth.linkTokenFor(email, undefined, 2);
    expect((await auth.call('POST', '/auth/email/confirm', { token })).status).toBe(200);
    expect(await auth.query('SELECT 1 FROM registrations WHERE email = $1', [email])).toEqual([]);
  });

  it('is told what the link does by its page and its event, and not that it confirms a sign-up', async () => {
    const email = newEmail();
    await ask(email);
    const token = await auth.linkTokenFor(email);
    for (const [language, told] of [
      ['en', /an existing account\?.*does not confirm a sign-up.*If you have not asked for this/s],
      ['ru', /существующей учётной записи\?.*не подтверждение регистрации.*Если вы об этом не просили/s],
    ] as const) {
      const shown = await auth.call('GET', `/auth/email/confirm?token=${token}&lang=${language}`);
      expect(shown.headers.get('referrer-policy')).toBe('no-referrer');
      const page = await shown.text();
      expect(page).toMatch(told);
      expect(page).not.toMatch(/your account is ready|учётная запись готова/);
      expect(page).toContain(`action="/auth/email/confirm?lang=${language}"`);
    }
    const events = await auth.events('auth.user.verification_requested.v1');
    const [move] = events.filter(({ payload }) => payload['email'] === email);
    expect(move!.payload).toMatchObject({ movesAccount: true });
    const [signedUp] = events.filter(({ payload }) => payload['email'] === user.email);
    expect(signedUp!.payload).not.toHaveProperty('movesAccount');
    const done = await auth.call('POST', '/auth/email/confirm?lang=en', `token=${token}`, FORM);
    expect(await done.text()).toContain('Your account uses this address now');
  });
});

describe('taking a change of address back', () => {
  const UNDO = 'auth.user.email_undo_offered.v1';
  const undo = (token: string): Promise<Response> => auth.call('POST', '/auth/email/undo', { token });
  const idOf = async (email: string): Promise<string> =>
    (await auth.query<{ id: string }>('SELECT id FROM users WHERE email = $1', [email]))[0]!.id;

  /** Moves whoever is signed in to another address; gives the token mailed to the address left behind. */
  async function move(accessToken: string, from: string, to: string): Promise<string> {
    expect((await auth.as(accessToken, 'POST', '/users/me/email', { email: to })).status).toBe(202);
    const token = await auth.linkTokenFor(to);
    expect((await auth.call('POST', '/auth/email/confirm', { token })).status).toBe(200);
    return auth.linkTokenFor(from, UNDO);
  }

  it('gives the account back: no session, password or link of the thief works, and the owner sets a new password', async () => {
    const thief = await auth.login(user);
    const stolen = newEmail();
    const token = await move(thief.accessToken, user.email, stolen);
    await auth.call('POST', '/auth/password/forgot', { email: stolen });
    const thiefsReset = await auth.linkTokenFor(stolen, RECOVERY);
    const next = newEmail();
    await auth.as(thief.accessToken, 'POST', '/users/me/email', { email: next });
    const thiefsMove = await auth.linkTokenFor(next);
    expect((await undo(token)).status).toBe(200);

    expect((await auth.as(thief.accessToken, 'GET', '/users/me')).status).toBe(401);
    expect((await auth.call('POST', '/auth/refresh', { refreshToken: thief.refreshToken })).status).toBe(401);
    expect(await statusOf(stolen, PASSWORD)).toBe(401);
    expect(await statusOf(user.email, PASSWORD)).toBe(401);
    expect((await reset(thiefsReset, 'the password of a thief')).status).toBe(422);
    expect((await auth.call('POST', '/auth/email/confirm', { token: thiefsMove })).status).toBe(422);
    const told = await auth.events('auth.user.email_changed.v1');
    expect(told.at(-1)?.payload).toMatchObject({ email: user.email, previousEmail: stolen });
    expect((await reset(await auth.linkTokenFor(user.email, RECOVERY))).status).toBe(200);
    expect(await statusOf(user.email, NEW)).toBe(200);
  });

  it('mails the way to a new password even when the thief has used up the allowance', async () => {
    const { accessToken } = await auth.login(user);
    const token = await move(accessToken, user.email, newEmail());
    await auth.query(
      `INSERT INTO mail_allowances (email, purpose, window_started_at, mails) VALUES ($1, 'recovery', now(), 5)`,
      [user.email],
    );
    expect((await undo(token)).status).toBe(200);
    expect(await auth.linksFor(user.email, RECOVERY)).toHaveLength(1);
  });

  it('takes away a Google account linked since, and leaves one linked before', async () => {
    for (const [linked, left] of [
      ['before', 1],
      ['since', 0],
    ] as const) {
      const someone = await auth.user();
      const { accessToken } = await auth.login(someone);
      const id = await idOf(someone.email);
      const link = (): Promise<unknown> =>
        auth.query(`INSERT INTO identities (provider, subject, user_id) VALUES ('google', $1, $2)`, [
          someone.email,
          id,
        ]);
      if (linked === 'before') await link();
      const token = await move(accessToken, someone.email, newEmail());
      if (linked === 'since') await link();
      expect((await undo(token)).status).toBe(200);
      expect(await auth.query('SELECT 1 FROM identities WHERE user_id = $1', [id])).toHaveLength(left);
      const told = await auth.events('auth.identity.unlinked.v1');
      expect(told.filter(({ payload }) => payload['userId'] === id)).toHaveLength(1 - left);
    }
  });

  it('takes away a second factor switched on since, which nobody else could, and leaves one from before', async () => {
    for (const left of [true, false]) {
      const someone = await auth.user();
      const id = await idOf(someone.email);
      const { accessToken } = left ? await auth.loginWithSecondFactor(someone) : await auth.login(someone);
      const token = await move(accessToken, someone.email, newEmail());
      if (!left) await auth.switchOn(accessToken);
      expect((await undo(token)).status).toBe(200);
      await reset(await auth.linkTokenFor(someone.email, RECOVERY));
      expect(await statusOf(someone.email, NEW)).toBe(left ? 401 : 200);
      const codes = await auth.query('SELECT 1 FROM recovery_codes WHERE user_id = $1', [id]);
      expect(codes).toHaveLength(left ? 10 : 0);
      const told = await auth.events('auth.second_factor.disabled.v1');
      expect(told.filter(({ payload }) => payload['userId'] === id)).toHaveLength(left ? 0 : 1);
    }
  });

  it('leaves an administrator the second factor, even one of a moment ago: the previous address alone must not open the account', async () => {
    for (const role of ['admin', 'super_user']) {
      const someone = await auth.user();
      const id = await idOf(someone.email);
      const { accessToken } = await auth.login(someone);
      const token = await move(accessToken, someone.email, newEmail());
      await auth.switchOn(accessToken);
      const rival = await Rival.begin(auth);
      await rival.query('UPDATE users SET roles = $2 WHERE id = $1', [id, ['public_user', role]]);
      const late = undo(token);
      await rival.waiting(1);
      await rival.commit();
      await rival.end();
      expect((await late).status).toBe(200);
      await reset(await auth.linkTokenFor(someone.email, RECOVERY));
      expect(await statusOf(someone.email, NEW)).toBe(401);
      expect(await auth.query('SELECT 1 FROM recovery_codes WHERE user_id = $1', [id])).toHaveLength(10);
      const told = await auth.events('auth.second_factor.disabled.v1');
      expect(told.filter(({ payload }) => payload['userId'] === id)).toEqual([]);
    }
  });

  it('works once, of sixteen at the same time, and only its hash is kept', async () => {
    const { accessToken } = await auth.login(user);
    const token = await move(accessToken, user.email, newEmail());
    const [row] = await auth.query<{ hash: Buffer; row: string }>(
      'SELECT token_hash AS hash, u::text AS row FROM email_undos u WHERE email = $1',
      [user.email],
    );
    expect(row!.hash).toEqual(createHash('sha256').update(token).digest());
    expect(row!.row).not.toContain(Buffer.from(token).toString('hex'));
    expect(JSON.stringify(await auth.events(UNDO))).not.toContain(token);
    expect(await auth.sixteen(() => undo(token))).toEqual([200, ...Array<number>(15).fill(422)]);
    expect(await auth.linksFor(user.email, RECOVERY)).toHaveLength(1);
  });

  it('works for seven days, and not for somebody who is blocked', async () => {
    const { accessToken } = await auth.login(user);
    const token = await move(accessToken, user.email, newEmail());
    const [offered] = await auth.query<{ life: number }>(
      'SELECT extract(epoch FROM expires_at - now())::int AS life FROM email_undos WHERE email = $1',
      [user.email],
    );
    expect(offered!.life / 86_400).toBeCloseTo(7, 2);
    await auth.query(
      `UPDATE users SET blocked_at = now() WHERE id = (SELECT user_id FROM email_undos WHERE email = $1)`,
      [user.email],
    );
    expect((await undo(token)).status).toBe(422);
    await auth.query('UPDATE users SET blocked_at = NULL');
    await auth.query(`UPDATE email_undos SET expires_at = now() - interval '1 second' WHERE email = $1`, [user.email]);
    expect((await undo(token)).status).toBe(422);
  });

  it('leads to the first address over later changes and a new password, and then later addresses have no way back', async () => {
    const thief = await auth.login(user);
    const [second, third] = [newEmail(), newEmail()];
    const first = await move(thief.accessToken, user.email, second);
    const later = await move(thief.accessToken, second, third);
    await auth.as(thief.accessToken, 'POST', '/auth/password/change', { currentPassword: PASSWORD, newPassword: NEW });
    expect((await undo(first)).status).toBe(200);
    expect((await undo(later)).status).toBe(422);
    // A change the thief had asked for before, and that nobody had looked at yet.
    await auth.query(
      `INSERT INTO mail_requests (purpose, email, locale, user_id, token_epoch)
       SELECT 'email_change', $2, 'en', id, token_epoch - 1 FROM users WHERE email = $1`,
      [user.email, third],
    );
    await auth.mailsAnswered();
    expect(await auth.linksFor(third)).toHaveLength(1);
  });

  it('leads back over a sign-up that waits for the address, and ends it', async () => {
    const { accessToken } = await auth.login(user);
    const token = await move(accessToken, user.email, newEmail());
    await auth.call('POST', '/auth/register', { email: user.email, password: "the stranger's password" });
    await auth.mailsAnswered();
    expect((await undo(token)).status).toBe(200);
    expect(await auth.query('SELECT 1 FROM registrations WHERE email = $1', [user.email])).toEqual([]);
  });

  it('does not take an address from the account that has it by now', async () => {
    const { accessToken } = await auth.login(user);
    const moved = newEmail();
    const token = await move(accessToken, user.email, moved);
    await auth.user(user.email);
    expect((await undo(token)).status).toBe(409);
    expect(await statusOf(moved, PASSWORD)).toBe(200);
  });

  it('is done by the button of a page, never by opening the link', async () => {
    const { accessToken } = await auth.login(user);
    const moved = newEmail();
    const token = await move(accessToken, user.email, moved);
    const shown = await auth.call('GET', `/auth/email/undo?token=${token}&lang=ru`);
    expect(shown.headers.get('referrer-policy')).toBe('no-referrer');
    expect(shown.headers.get('cache-control')).toBe('no-store');
    expect(await shown.text()).toContain('Верните свою учётную запись');
    expect(await statusOf(moved, PASSWORD)).toBe(200);
    const done = await auth.call('POST', '/auth/email/undo?lang=ru', `token=${token}`, FORM);
    expect(await done.text()).toContain('Учётная запись снова ваша');
    const again = await auth.call('POST', '/auth/email/undo?lang=ru', `token=${token}`, FORM);
    expect(again.status).toBe(422);
    expect(await again.text()).toContain('Ссылка больше не действует');
  });

  it('leaves nothing behind when the account is deleted', async () => {
    const { accessToken } = await auth.login(user);
    const token = await move(accessToken, user.email, newEmail());
    expect((await auth.as(accessToken, 'DELETE', '/users/me')).status).toBeLessThan(300);
    expect((await undo(token)).status).toBe(422);
    expect(await auth.query('SELECT 1 FROM email_undos WHERE email = $1', [user.email])).toEqual([]);
  });
});
