import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LoginHistoryService } from '../src/login-history/login-history.service.js';
import { totpAt } from '../src/second-factor/totp.js';
import { AuthApp, claimsOf, newEmail, PASSWORD, type TestUser, type Tokens } from './support/auth-app.js';
import { OtherService } from './support/other-service.js';
import { Rival } from './support/rival.js';

interface Known extends TestUser {
  id: string;
  tokens: Tokens;
}

let auth: AuthApp;
let other: OtherService;
let boss: Known;
let admin: Known;
let user: Known;

async function known(roles = '{public_user}'): Promise<Known> {
  const person = await auth.user();
  const [row] = await auth.query<{ id: string }>('UPDATE users SET roles = $2 WHERE email = $1 RETURNING id', [
    person.email,
    roles,
  ]);
  const tokens = roles === '{public_user}' ? await auth.login(person) : await auth.loginWithSecondFactor(person);
  return { ...person, id: row!.id, tokens };
}

beforeAll(async () => {
  auth = await AuthApp.start();
  other = await OtherService.start(auth.url);
  boss = await known('{public_user,super_user}');
  admin = await known('{public_user,admin}');
});
afterAll(async () => {
  await other.stop();
  await auth.stop();
});
beforeEach(async () => {
  user = await known();
});

/** Signs in once more, with a new second factor in place of the old one: its codes of this half minute may be used up. */
async function again(person: Known): Promise<Tokens> {
  await auth.query('DELETE FROM totp_factors WHERE user_id = $1', [person.id]);
  return auth.loginWithSecondFactor(person);
}

const by = (actor: Known, method: string, path: string, body?: unknown): Promise<Response> =>
  auth.as(actor.tokens.accessToken, method, path, body);
const setRoles = (actor: Known, target: Known, roles: string[]): Promise<Response> =>
  by(actor, 'PUT', `/admin/users/${target.id}/roles`, { roles });
/** The session a person's access token is of. */
const sessionOf = ({ tokens }: Known): unknown => claimsOf(tokens.accessToken)['sid'];
const refreshStatus = async ({ tokens }: Known): Promise<number> =>
  (await auth.call('POST', '/auth/refresh', { refreshToken: tokens.refreshToken })).status;
const block = (actor: Known, target: Known): Promise<Response> =>
  by(actor, 'POST', `/admin/users/${target.id}/block`, { reason: 'abuse' });

/** What the audit trail holds of a person, the newest first. */
const trailOf = async (person: Known): Promise<Record<string, unknown>[]> => {
  const answer = await by(boss, 'GET', `/admin/audit?subjectId=${person.id}`);
  return ((await answer.json()) as { items: Record<string, unknown>[] }).items;
};

describe('blocking', () => {
  it('is felt by a live token in auth at once and in the other services within two seconds', async () => {
    const { accessToken, refreshToken } = user.tokens;
    expect(await other.statusOf(accessToken)).toBe(200);
    expect((await block(admin, user)).status).toBe(204);
    expect((await auth.as(accessToken, 'GET', '/users/me')).status).toBe(401);
    expect(await other.refuses(accessToken)).toBeLessThan(2_000);
    expect((await auth.call('POST', '/auth/refresh', { refreshToken })).status).toBe(401);
    expect((await auth.call('POST', '/auth/login', { email: user.email, password: PASSWORD })).status).toBe(401);
  });

  it.each(['blocked', 'deleted'])('stops whatever was under way when the user is %s', async (end) => {
    const moved = newEmail();
    const thief = await known();
    await by(thief, 'POST', '/users/me/email', { email: moved });
    await auth.call('POST', '/auth/email/confirm', { token: await auth.linkTokenFor(moved) });
    const undo = await auth.linkTokenFor(thief.email, 'auth.user.email_undo_offered.v1');
    thief.email = moved;
    await auth.call('POST', '/auth/password/forgot', { email: moved });
    const reset = await auth.linkTokenFor(moved, 'auth.user.password_recovery_requested.v1');
    const next = newEmail();
    await by(thief, 'POST', '/users/me/email', { email: next });
    const move = await auth.linkTokenFor(next);
    const { secret } = (await (await by(thief, 'POST', '/auth/mfa/totp')).json()) as { secret: string };
    const confirmed = await by(thief, 'POST', '/auth/mfa/totp/confirm', { code: totpAt(secret, Date.now()) });
    const { recoveryCodes } = (await confirmed.json()) as { recoveryCodes: string[] };
    const asked = await auth.call('POST', '/auth/login', { email: moved, password: PASSWORD });
    const { challenge } = (await asked.json()) as { challenge: string };

    const act = end === 'blocked' ? block(admin, thief) : by(thief, 'DELETE', '/users/me');
    expect((await act).status).toBe(204);
    const password = 'an entirely new password';
    const doors: [string, object, string][] = [
      ['/auth/login', { email: moved, password: PASSWORD }, 'auth.invalid_credentials'],
      ['/auth/refresh', { refreshToken: thief.tokens.refreshToken }, 'auth.session_ended'],
      ['/auth/mfa/verify', { challenge, code: recoveryCodes[0] }, 'auth.second_factor_failed'],
      ['/auth/email/confirm', { token: move }, 'auth.link_invalid'],
      ['/auth/email/undo', { token: undo }, 'auth.link_invalid'],
    ];
    for (const [path, body, code] of doors)
      expect([path, await (await auth.call('POST', path, body)).json()]).toMatchObject([path, { code }]);
    await auth.call('POST', '/auth/password/reset', { token: reset, password });
    const signIn = await auth.call('POST', '/auth/login', { email: moved, password });
    expect(await signIn.json()).toMatchObject({ code: 'auth.invalid_credentials' });
  });

  it('ends when it is lifted; both acts stand in the audit trail with before, after and the request', async () => {
    await block(admin, user);
    await by(admin, 'POST', `/admin/users/${user.id}/unblock`);
    await auth.login(user);
    const trail = (await (await by(boss, 'GET', `/admin/audit?subjectId=${user.id}`)).json()) as {
      items: Record<string, unknown>[];
    };
    expect(trail.items).toMatchObject([
      { action: 'user.unblocked', actorId: admin.id, before: { blocked: true }, after: { blocked: false } },
      {
        action: 'user.blocked',
        actorId: admin.id,
        before: { blocked: false },
        after: { blocked: true, reason: 'abuse' },
      },
    ]);
    expect(trail.items[0]?.['requestId']).toEqual(expect.any(String));
    expect(
      (await auth.events('auth.user.blocked.v1')).filter(({ payload }) => payload['userId'] === user.id),
    ).toHaveLength(2);
  });

  it('is told, as whatever befalls a user is, with the language the user reads', async () => {
    const reader = await known();
    await by(reader, 'PATCH', '/users/me', { locale: 'ru' });
    await auth.login(reader, { 'user-agent': 'Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) TV Safari/537.36' });
    await setRoles(boss, reader, ['public_user', 'admin']);
    await setRoles(boss, reader, ['public_user']);
    await block(admin, reader);
    await by(admin, 'POST', `/admin/users/${reader.id}/unblock`);
    const spent = await auth.login(reader);
    await auth.call('POST', '/auth/refresh', { refreshToken: spent.refreshToken });
    await auth.call('POST', '/auth/refresh', { refreshToken: spent.refreshToken }, { 'user-agent': 'Thief/1.0' });
    await auth.as((await auth.login(reader)).accessToken, 'DELETE', '/users/me');
    const about = (await auth.events()).filter(({ payload }) => payload['userId'] === reader.id);
    const from = about.findIndex(({ routingKey }) => routingKey === 'auth.user.locale_changed.v1');
    const said = new Map(about.slice(from).map(({ routingKey, payload }) => [routingKey, payload['locale']]));
    const names = ['login.new_device', 'security.refresh_reused', 'session.revoked', 'user.blocked'];
    names.push('user.deleted', 'user.locale_changed', 'user.roles_changed');
    expect(Object.fromEntries(said)).toEqual(Object.fromEntries(names.map((name) => [`auth.${name}.v1`, 'ru'])));
  });

  it('tells the other services when it ends by itself', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await by(admin, 'POST', `/admin/users/${user.id}/block`, { reason: 'abuse', until });
    expect((await auth.events('auth.user.blocked.v1')).at(-1)?.payload).toMatchObject({ userId: user.id, until });
  });

  it('needs a reason and an end in the future', async () => {
    for (const body of [
      {},
      { reason: '' },
      { reason: 'x', until: '2001-01-01T00:00:00Z' },
      { reason: 'x', until: 'soon' },
    ]) {
      expect((await by(admin, 'POST', `/admin/users/${user.id}/block`, body)).status).toBe(422);
    }
  });
});

describe('roles', () => {
  it('are given by super users only, end the sessions that had others and come with the next one', async () => {
    const planted = sessionOf(user);
    expect((await setRoles(admin, user, ['public_user', 'admin'])).status).toBe(403);
    expect((await setRoles(boss, user, ['public_user', 'admin'])).status).toBe(204);
    expect((await by(user, 'GET', '/admin/users')).status).toBe(401);
    expect(await refreshStatus(user)).toBe(401);
    user.tokens = await auth.login(user);
    expect((await by(user, 'GET', '/admin/users')).status).toBe(403);
    user.tokens = await auth.loginWithSecondFactor(user);
    expect(sessionOf(user)).not.toBe(planted);
    expect((await by(user, 'GET', '/admin/users')).status).toBe(200);
    await setRoles(boss, user, ['public_user']);
    expect((await by(user, 'GET', '/admin/users')).status).toBe(401);
    expect(await refreshStatus(user)).toBe(401);
    const events = (await auth.events('auth.user.roles_changed.v1')).filter(
      ({ payload }) => payload['userId'] === user.id,
    );
    expect(events.map(({ payload }) => payload['roles'])).toEqual([['public_user', 'admin'], ['public_user']]);
    const change = { action: 'user.roles_changed', actorId: boss.id, requestId: expect.any(String) as string };
    const [more, fewer] = [{ roles: ['public_user', 'admin'] }, { roles: ['public_user'] }];
    const changes = (await trailOf(user)).filter(({ action }) => action === change.action);
    expect(changes).toMatchObject([
      { ...change, before: more, after: fewer },
      { ...change, before: fewer, after: more },
    ]);
  });

  it('end nothing when they are the same as before', async () => {
    expect((await setRoles(boss, user, ['public_user'])).status).toBe(204);
    expect((await by(user, 'GET', '/users/me')).status).toBe(200);
    expect(await trailOf(user)).toEqual([]);
  });

  it('need a recent sign-in', async () => {
    const stale = await known('{public_user,super_user}');
    await auth.query(`UPDATE sessions SET authenticated_at = now() - interval '16 minutes' WHERE user_id = $1`, [
      stale.id,
    ]);
    expect((await setRoles(stale, user, ['admin'])).status).toBe(403);
    await setRoles(boss, stale, ['public_user']);
  });

  it('are the ones there are', async () => {
    for (const roles of [[], ['root'], ['admin', 'admin'], 'admin', null]) {
      expect((await by(boss, 'PUT', `/admin/users/${user.id}/roles`, { roles })).status).toBe(422);
    }
  });

  it('protect administrators from administrators', async () => {
    const peer = await known('{public_user,admin}');
    for (const target of [peer, boss]) {
      expect((await block(admin, target)).status).toBe(403);
      expect((await by(admin, 'DELETE', `/admin/users/${target.id}/sessions`)).status).toBe(403);
    }
    expect((await block(boss, peer)).status).toBe(204);
  });

  it('cannot be kept by giving them to oneself while they are taken away', async () => {
    for (let round = 0; round < 5; round++) {
      const falling = await known('{public_user,super_user}');
      await Promise.all([
        setRoles(boss, falling, ['public_user']),
        setRoles(falling, falling, ['public_user', 'super_user', 'admin']),
        setRoles(falling, user, ['public_user', 'admin']),
      ]);
      expect(await auth.query('SELECT roles FROM users WHERE id = $1', [falling.id])).toEqual([
        { roles: ['public_user'] },
      ]);
      expect((await setRoles(falling, user, ['public_user', 'super_user'])).status).toBe(401);
    }
  });

  it.each([`roles = '{public_user}'`, 'blocked_at = now()'])(
    'are looked at again at every act: a token that still says admin does nothing once %s',
    async (change) => {
      const falling = await known('{public_user,admin}');
      const [session] = await auth.query<{ id: string }>('SELECT id FROM sessions WHERE user_id = $1', [user.id]);
      await auth.query(`UPDATE users SET ${change} WHERE id = $1`, [falling.id]);
      const own = `/admin/users/${user.id}`;
      const acts = [
        await block(falling, user),
        await by(falling, 'POST', `${own}/unblock`),
        await by(falling, 'DELETE', `${own}/sessions`),
        await by(falling, 'DELETE', `${own}/sessions/${session!.id}`),
      ];
      expect(acts.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
      expect((await by(user, 'GET', '/users/me')).status).toBe(200);
    },
  );

  it('are looked at again when they are used: a token that still says super user gives none', async () => {
    const falling = await known('{public_user,super_user}');
    await auth.query(`UPDATE users SET roles = '{public_user,admin}' WHERE id = $1`, [falling.id]);
    expect((await setRoles(falling, user, ['public_user', 'admin'])).status).toBe(403);
    expect(await auth.query('SELECT roles FROM users WHERE id = $1', [user.id])).toEqual([{ roles: ['public_user'] }]);
  });

  it('never leave the installation without a super user, alone or by two at once', async () => {
    expect((await setRoles(boss, boss, ['public_user'])).status).toBe(409);
    expect((await block(boss, boss)).status).toBe(409);
    expect((await by(boss, 'DELETE', '/users/me')).status).toBe(409);
    for (let round = 0; round < 5; round++) {
      const rival = await known('{public_user,super_user}');
      const acts = await Promise.all([setRoles(boss, rival, ['public_user']), setRoles(rival, boss, ['public_user'])]);
      expect(acts.map(({ status }) => status).filter((status) => status === 204)).toHaveLength(1);
      const left = await auth.query<{ id: string }>(`SELECT id FROM users WHERE roles @> '{super_user}'`);
      expect(left).toHaveLength(1);
      const [winner, loser] = left[0]!.id === boss.id ? [boss, rival] : [rival, boss];
      winner.tokens = await again(winner);
      await setRoles(winner, loser, ['public_user', 'super_user']);
      boss.tokens = await again(boss);
      if (winner !== boss) await setRoles(boss, winner, ['public_user']);
      else await setRoles(boss, loser, ['public_user']);
    }
  });
});

describe('the last super user', () => {
  it('is the last one too when the others are blocked', async () => {
    const blocked = await known('{public_user,super_user}');
    await auth.query('UPDATE users SET blocked_at = now() WHERE id = $1', [blocked.id]);
    expect((await setRoles(boss, boss, ['public_user'])).status).toBe(409);
    expect((await block(boss, boss)).status).toBe(409);
    expect((await by(boss, 'DELETE', '/users/me')).status).toBe(409);
    await setRoles(boss, blocked, ['public_user']);
  });

  it('stays when two leave at the same moment', async () => {
    await auth.query(`UPDATE users SET roles = '{public_user}' WHERE id = $1`, [boss.id]);
    const two = [await known('{public_user,super_user}'), await known('{public_user,super_user}')];
    const rival = await Rival.begin(auth);
    await rival.query('SELECT 1 FROM users FOR UPDATE');
    const leaving = Promise.all(two.map((each) => by(each, 'DELETE', '/users/me')));
    await rival.waiting(2);
    await rival.commit();
    await rival.end();
    const statuses = (await leaving).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([204, 409]);
    await auth.query(`UPDATE users SET roles = '{public_user}' WHERE id = ANY ($1)`, [two.map(({ id }) => id)]);
    await auth.query(`UPDATE users SET roles = '{public_user,super_user}' WHERE id = $1`, [boss.id]);
  });
});

describe('a second factor that is lost, or a thief has switched on', () => {
  const reason = 'lost the phone; passport seen';
  const disable = (actor: Known, target: { id: string }, body: unknown = { reason }): Promise<Response> =>
    by(actor, 'POST', `/admin/users/${target.id}/second-factor/disable`, body);
  const isOn = async ({ id }: Known): Promise<boolean> =>
    (await auth.query('SELECT 1 FROM totp_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL', [id])).length > 0;
  const toldOf = async ({ id }: Known): Promise<unknown[]> =>
    (await auth.events('auth.second_factor.disabled.v1')).filter(({ payload }) => payload['userId'] === id);
  const trailOf = async ({ id }: Known): Promise<unknown[]> => {
    const answer = await by(boss, 'GET', `/admin/audit?subjectId=${id}`);
    return ((await answer.json()) as { items: { action: string }[] }).items.filter(({ action }) =>
      action.endsWith('second_factor_disabled'),
    );
  };

  it('is taken away by a super user: the password opens the account, and nothing that the thief holds does', async () => {
    const { secret } = (await (await by(user, 'POST', '/auth/mfa/totp')).json()) as { secret: string };
    const confirmed = await by(user, 'POST', '/auth/mfa/totp/confirm', { code: totpAt(secret, Date.now()) });
    const { recoveryCodes } = (await confirmed.json()) as { recoveryCodes: string[] };
    const credentials = { email: user.email, password: PASSWORD };
    const asked = await auth.call('POST', '/auth/login', credentials);
    expect(asked.status).toBe(401);
    const { challenge } = (await asked.json()) as { challenge: string };
    await auth.query(`UPDATE users SET locale = 'ru' WHERE id = $1`, [user.id]);

    expect((await disable(boss, user)).status).toBe(204);
    expect((await by(user, 'GET', '/users/me')).status).toBe(401);
    expect((await auth.call('POST', '/auth/refresh', { refreshToken: user.tokens.refreshToken })).status).toBe(401);
    for (const code of [recoveryCodes[0], totpAt(secret, Date.now() + 30_000)])
      expect((await auth.call('POST', '/auth/mfa/verify', { challenge, code })).status).toBe(401);
    expect(await auth.query('SELECT 1 FROM recovery_codes WHERE user_id = $1', [user.id])).toEqual([]);
    expect((await auth.call('POST', '/auth/login', credentials)).status).toBe(200);

    const { id: userId } = user;
    const payload = { userId, deviceType: 'unknown', at: expect.any(String) as string, locale: 'ru' };
    expect(await toldOf(user)).toEqual([{ routingKey: 'auth.second_factor.disabled.v1', payload }]);
    expect(await trailOf(user)).toMatchObject([
      {
        action: 'user.second_factor_disabled',
        actorId: boss.id,
        subjectId: userId,
        before: { secondFactor: true },
        after: { secondFactor: false, reason },
        requestId: expect.any(String) as string,
      },
    ]);
  });

  it('of an administrator has to be set up anew before there are roles again', async () => {
    const clerk = await known('{public_user,admin}');
    expect((await disable(boss, clerk)).status).toBe(204);
    expect((await by(clerk, 'GET', '/admin/users')).status).toBe(401);
    clerk.tokens = await auth.login(clerk);
    expect((await by(clerk, 'GET', '/admin/users')).status).toBe(403);
    await auth.switchOn(clerk.tokens.accessToken);
    const raised = await auth.call('POST', '/auth/refresh', { refreshToken: clerk.tokens.refreshToken });
    clerk.tokens = (await raised.json()) as Tokens;
    expect((await by(clerk, 'GET', '/admin/users')).status).toBe(200);
  });

  it('stays for administrators, with a token of rights that are gone, without a recent sign-in and without a reason', async () => {
    const [falling, stale] = [await known('{public_user,super_user}'), await known('{public_user,super_user}')];
    await auth.query(`UPDATE users SET roles = '{public_user,admin}' WHERE id = $1`, [falling.id]);
    await auth.query(`UPDATE sessions SET authenticated_at = now() - interval '16 minutes' WHERE user_id = $1`, [
      stale.id,
    ]);
    await auth.switchOn(user.tokens.accessToken);
    const refusals: [Response, number, string][] = [
      [await disable(admin, user), 403, 'auth.forbidden'],
      [await disable(user, admin), 403, 'auth.forbidden'],
      [await disable(falling, user), 403, 'auth.forbidden'],
      [await disable(stale, user), 403, 'auth.step_up_required'],
      [await disable(boss, user, {}), 422, 'request.invalid'],
      [await disable(boss, user, { reason: '' }), 422, 'request.invalid'],
      [await disable(boss, user, { reason: 'x'.repeat(501) }), 422, 'request.invalid'],
      [await disable(boss, { id: crypto.randomUUID() }), 404, 'admin.user_not_found'],
    ];
    for (const [answer, status, code] of refusals)
      expect([answer.status, await answer.json()]).toMatchObject([status, { code }]);
    expect([await isOn(user), await toldOf(user), await trailOf(user)]).toEqual([true, [], []]);
    for (const one of [falling, stale]) await setRoles(boss, one, ['public_user']);
  });

  it("stays on one's own account, however its id is written", async () => {
    for (const id of [boss.id, boss.id.toUpperCase()]) expect((await disable(boss, { id })).status).toBe(403);
    expect([await isOn(boss), await toldOf(boss)]).toEqual([true, []]);
    expect((await by(boss, 'GET', '/users/me')).status).toBe(200);
  });

  it('is not there to be taken when it was never confirmed, or somebody else was first', async () => {
    await by(user, 'POST', '/auth/mfa/totp');
    const early = await disable(boss, user);
    expect([early.status, await early.json()]).toMatchObject([404, { code: 'auth.second_factor_inactive' }]);
    expect((await by(user, 'GET', '/users/me')).status).toBe(200);
    await auth.switchOn(user.tokens.accessToken);
    const answers = await Promise.all([disable(boss, user), disable(boss, user)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 404]);
    expect([await toldOf(user), await trailOf(user)]).toMatchObject([{ length: 1 }, { length: 1 }]);
  });

  it.each(['outbox', 'audit_entries'])('stays, with the sessions, when %s takes nothing', async (table) => {
    await auth.switchOn(user.tokens.accessToken);
    const about =
      table === 'outbox' ? `routing_key <> 'auth.second_factor.disabled.v1'` : `action NOT LIKE '%disabled'`;
    await auth.query(`ALTER TABLE ${table} ADD CONSTRAINT full_up CHECK (${about}) NOT VALID`);
    try {
      expect((await disable(boss, user)).status).toBe(500);
    } finally {
      await auth.query(`ALTER TABLE ${table} DROP CONSTRAINT full_up`);
    }
    expect([await isOn(user), await toldOf(user), await trailOf(user)]).toEqual([true, [], []]);
    expect((await by(user, 'GET', '/users/me')).status).toBe(200);
  });
});

describe('what administrators see', () => {
  it('is users by beginning of the address, role and block, in pages', async () => {
    const email = user.email;
    const search = async (query: string): Promise<{ items: { email: string }[]; nextCursor: string | null }> =>
      (await (await by(admin, 'GET', `/admin/users?${query}`)).json()) as never;
    expect((await search(`email=${email.slice(0, 12).toUpperCase()}`)).items.map((item) => item.email)).toEqual([
      email,
    ]);
    expect((await search('email=%25')).items).toEqual([]);
    expect((await search('role=super_user')).items.map((item) => item.email)).toEqual([boss.email]);
    await block(admin, user);
    expect((await search('blocked=true&limit=1')).items.map((item) => item.email)).toEqual([email]);
    const first = await search('limit=2');
    const second = await search(`limit=2&cursor=${first.nextCursor}`);
    expect(new Set([...first.items, ...second.items].map((item) => item.email)).size).toBe(4);
  });

  it('never holds a password hash or a token', async () => {
    for (const path of [
      '/admin/users',
      `/admin/users/${user.id}`,
      `/admin/users/${user.id}/sessions`,
      `/admin/users/${user.id}/login-history`,
    ]) {
      expect(await (await by(boss, 'GET', path)).text()).not.toMatch(/argon2|hash|secret/i);
    }
  });

  it("includes anyone's login history, as pages and as a file", async () => {
    await auth.login(user, { 'user-agent': '=1+1 "quoted"' });
    const rows = await auth.eventually(async () => {
      const page = (await (await by(admin, 'GET', `/admin/users/${user.id}/login-history`)).json()) as {
        items: unknown[];
      };
      return page.items.length >= 2 ? page.items : undefined;
    });
    expect(rows).toHaveLength(2);
    const file = await by(admin, 'GET', `/admin/users/${user.id}/login-history.csv?outcome=success`);
    expect(file.headers.get('content-type')).toContain('text/csv');
    expect(await file.text()).toContain(`"'=1+1 ""quoted"""`);
  });

  it('leaves a line about each person shown, with who looked and in which request', async () => {
    const viewed = async (): Promise<string[]> => {
      const answer = await by(boss, 'GET', `/admin/audit?subjectId=${user.id}&actorId=${admin.id}&limit=100`);
      const { items } = (await answer.json()) as { items: { action: string; requestId: string | null }[] };
      expect(items.every(({ requestId }) => typeof requestId === 'string')).toBe(true);
      return items.map(({ action }) => action).filter((action) => action.endsWith('.viewed'));
    };
    const before = (await viewed()).length;
    const own = `/admin/users/${user.id}`;
    const email = encodeURIComponent(user.email);
    const paths = [own, `${own}/sessions`, `${own}/login-history`, `${own}/login-history.csv`];
    for (const path of [`/admin/users?email=${email}`, ...paths])
      expect([path, (await by(admin, 'GET', path)).status]).toEqual([path, 200]);
    const history = 'login_history.viewed';
    const lines = [history, history, 'sessions.viewed', 'user.viewed', 'user.viewed'];
    expect((await viewed()).slice(0, lines.length)).toEqual(lines);
    expect(await viewed()).toHaveLength(before + lines.length);
    expect((await by(admin, 'GET', `/admin/users?email=${encodeURIComponent(newEmail())}`)).status).toBe(200);
    expect(await viewed()).toHaveLength(before + lines.length);
  });

  it('leaves a line about whose audit trail is read, too', async () => {
    await trailOf(user);
    expect(await trailOf(user)).toMatchObject([
      { action: 'audit.viewed', actorId: boss.id, requestId: expect.any(String) as string },
    ]);
  });

  it('is for administrators only', async () => {
    const paths = [
      '/admin/users',
      `/admin/users/${boss.id}`,
      `/admin/users/${boss.id}/sessions`,
      `/admin/users/${boss.id}/login-history`,
    ];
    for (const path of paths) {
      expect((await by(user, 'GET', path)).status).toBe(403);
      expect((await auth.call('GET', path)).status).toBe(401);
    }
    expect((await by(admin, 'GET', '/admin/audit')).status).toBe(403);
  });

  it('is guarded however the path is written', async () => {
    for (const path of [
      '/%61dmin/users',
      '//admin/users',
      '/admin/..;/admin/users',
      '/ADMIN/users',
      '/admin/users/',
      '/admin//users',
      '/admin/users%00',
    ]) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await auth.call(method, path, undefined, {
          'x-original-url': '/admin/users',
          'x-http-method-override': 'GET',
        });
        expect([400, 401, 404]).toContain(answer.status);
      }
    }
  });
});

describe('devices', () => {
  it('are listed by their user, who can sign out one, or all others, and nobody else', async () => {
    const [second, third] = [await auth.login(user), await auth.login(user)];
    const list = async (): Promise<{ id: string; current: boolean }[]> =>
      ((await (await by(user, 'GET', '/users/me/sessions')).json()) as { items: { id: string; current: boolean }[] })
        .items;
    const before = await list();
    expect(before).toHaveLength(3);
    expect(before.filter(({ current }) => current)).toHaveLength(1);
    const victim = before.find(({ current }) => !current)!;
    expect((await by(admin, 'DELETE', `/users/me/sessions/${victim.id}`)).status).toBe(404);
    expect((await by(user, 'DELETE', `/users/me/sessions/${victim.id}`)).status).toBe(204);
    expect((await by(user, 'DELETE', `/users/me/sessions/${victim.id}`)).status).toBe(404);
    expect((await by(user, 'DELETE', '/users/me/sessions/others')).status).toBe(204);
    expect(await list()).toMatchObject([{ current: true }]);
    for (const { accessToken } of [second, third])
      expect((await auth.as(accessToken, 'GET', '/users/me')).status).toBe(401);
  });

  it('are ended by administrators too, one or all, which stands in the audit trail', async () => {
    const second = await auth.login(user);
    const { sid } = JSON.parse(Buffer.from(second.accessToken.split('.')[1]!, 'base64url').toString()) as {
      sid: string;
    };
    const own = `/admin/users/${user.id}/sessions`;
    expect((await by(admin, 'DELETE', `${own}/${sid}`)).status).toBe(204);
    expect((await auth.as(second.accessToken, 'GET', '/users/me')).status).toBe(401);
    expect((await by(user, 'GET', '/users/me')).status).toBe(200);
    expect((await by(admin, 'DELETE', `${own}/${sid}`)).status).toBe(404);
    expect((await by(admin, 'DELETE', `${own}/${randomUUID()}`)).status).toBe(404);
    expect((await by(admin, 'DELETE', own)).status).toBe(204);
    expect((await by(user, 'GET', '/users/me')).status).toBe(401);
    const ended = { action: 'user.sessions_ended', actorId: admin.id, requestId: expect.any(String) as string };
    expect(await trailOf(user)).toMatchObject([
      { ...ended, after: { sessionId: 'all' } },
      { ...ended, after: { sessionId: sid } },
    ]);
  });
});

describe("a user's own account", () => {
  it('is deleted for good: nothing tells who it was, the address is free, nobody comes in', async () => {
    user.tokens = await auth.loginWithSecondFactor(user);
    expect((await by(user, 'DELETE', '/users/me')).status).toBe(204);
    expect((await by(user, 'GET', '/users/me')).status).toBe(401);
    expect((await auth.call('POST', '/auth/refresh', { refreshToken: user.tokens.refreshToken })).status).toBe(401);
    expect(await auth.query('SELECT 1 FROM users t WHERE t::text LIKE $1', [`%${user.email}%`])).toHaveLength(0);
    for (const table of ['totp_factors', 'recovery_codes', 'second_factor_challenges', 'identities'])
      expect([table, await auth.query(`SELECT 1 FROM ${table} WHERE user_id = $1`, [user.id])]).toEqual([table, []]);
    const places = await auth.query('SELECT DISTINCT ip, browser, os FROM sessions WHERE user_id = $1', [user.id]);
    expect(places).toEqual([{ ip: null, browser: null, os: null }]);
    expect((await auth.events('auth.user.deleted.v1')).at(-1)?.payload).toMatchObject({ userId: user.id });
    const again = await auth.user(user.email);
    const me = (await (await auth.as((await auth.login(again)).accessToken, 'GET', '/users/me')).json()) as {
      id: string;
    };
    expect(me.id).not.toBe(user.id);
  });

  it('leaves in the login history, whatever its age, that there were sign-ins, not from where and on what they were', async () => {
    await auth.query(
      `INSERT INTO login_history (id, occurred_at, device_type, user_id, method, outcome, ip, browser, os, user_agent)
       SELECT gen_random_uuid(), now() - days * interval '1 day', device, $1, 'password', outcome, '203.0.113.7', 'Firefox', 'Linux', 'Mozilla/5.0'
         FROM unnest('{0, 40, 399}'::int[]) AS days, unnest('{tablet, bot}'::text[]) AS device, unnest('{success, refused}'::text[]) AS outcome`,
      [user.id],
    );
    await auth.app.get(LoginHistoryService).settled();
    const facts = 'id, occurred_at, device_type, session_id, method, outcome, request_id';
    const origins = 'ip, browser, os, user_agent';
    const read = (columns: string, { id }: Known): Promise<Record<string, unknown>[]> =>
      auth.query(`SELECT ${columns} FROM login_history WHERE user_id = $1 ORDER BY id`, [id]);
    const [happened, others] = [await read(facts, user), await read(`${facts}, ${origins}`, boss)];
    expect(happened.length).toBeGreaterThan(12);
    expect((await by(user, 'DELETE', '/users/me')).status).toBe(204);
    expect(await read(facts, user)).toEqual(happened);
    const blank = { ip: null, browser: null, os: null, user_agent: null };
    expect(await read(origins, user)).toEqual(happened.map(() => blank));
    expect(await read(`${facts}, ${origins}`, boss)).toEqual(others);
    expect(others.some(({ ip }) => ip !== null)).toBe(true);
  });

  it('changes its language and nothing else, and says so once', async () => {
    for (let again = 0; again < 2; again++) {
      expect(await (await by(user, 'PATCH', '/users/me', { locale: 'ru' })).json()).toMatchObject({ locale: 'ru' });
    }
    const changes = (await auth.events('auth.user.locale_changed.v1')).filter(
      ({ payload }) => payload['userId'] === user.id,
    );
    expect(changes).toMatchObject([{ payload: { locale: 'ru' } }]);
    for (const body of [
      { roles: ['admin'] },
      { emailVerified: false },
      { email: newEmail() },
      { id: boss.id },
      { locale: 'xx' },
    ]) {
      expect((await by(user, 'PATCH', '/users/me', body)).status).toBe(422);
    }
  });

  it('is not deleted, and keeps Google, without a recent sign-in', async () => {
    await auth.query(`INSERT INTO identities (provider, subject, user_id) VALUES ('google', gen_random_uuid(), $1)`, [
      user.id,
    ]);
    await auth.query(`UPDATE sessions SET authenticated_at = now() - interval '16 minutes' WHERE user_id = $1`, [
      user.id,
    ]);
    for (const path of ['/users/me/identities/google', '/users/me']) {
      const answer = await by(user, 'DELETE', path);
      expect([path, answer.status, await answer.json()]).toMatchObject([path, 403, { code: 'auth.step_up_required' }]);
    }
    expect((await by(user, 'GET', '/users/me')).status).toBe(200);
    expect(await auth.query('SELECT 1 FROM identities WHERE user_id = $1', [user.id])).toHaveLength(1);
  });

  it('keeps its last way in', async () => {
    expect((await by(user, 'DELETE', '/users/me/identities/google')).status).toBe(404);
    await auth.query(`INSERT INTO identities (provider, subject, user_id) VALUES ('google', gen_random_uuid(), $1)`, [
      user.id,
    ]);
    await auth.query('UPDATE users SET password_hash = NULL WHERE id = $1', [user.id]);
    expect((await by(user, 'DELETE', '/users/me/identities/google')).status).toBe(409);
    await auth.query(`UPDATE users SET password_hash = '$argon2id$x' WHERE id = $1`, [user.id]);
    expect((await by(user, 'DELETE', '/users/me/identities/google')).status).toBe(204);
    expect((await auth.events('auth.identity.unlinked.v1')).at(-1)?.payload).toMatchObject({ userId: user.id });
    expect(await trailOf(user)).toMatchObject([{ action: 'identity.unlinked', actorId: user.id }]);
  });
});
