import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { totpAt } from '../src/second-factor/totp.js';
import { AuthApp, type PublishedEvent, type TestUser, type Tokens } from './support/auth-app.js';
import { Rival } from './support/rival.js';
import { formOf, linkBackOf, unescaped } from './support/page.js';
import { FakeGoogle } from './support/google.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://auth.test' };
const google = new FakeGoogle();
let auth: AuthApp;
let user: TestUser;

interface Enrolled {
  secret: string;
  recoveryCodes: string[];
  tokens: Tokens;
}

beforeAll(async () => {
  auth = await AuthApp.startBeside(google);
});
afterAll(() => auth.stop());
beforeEach(async () => {
  user = await auth.user();
});

/** A code of the next step that has not been used yet: tests do not wait half a minute. */
async function freshCode(secret: string): Promise<string> {
  await auth.query('UPDATE totp_factors SET last_step = 0');
  return totpAt(secret, Date.now());
}

async function enrol(tokens: Tokens): Promise<Enrolled> {
  const { secret } = (await (await auth.as(tokens.accessToken, 'POST', '/auth/mfa/totp')).json()) as { secret: string };
  const confirmed = await auth.as(tokens.accessToken, 'POST', '/auth/mfa/totp/confirm', {
    code: totpAt(secret, Date.now()),
  });
  expect(confirmed.status).toBe(200);
  const { recoveryCodes } = (await confirmed.json()) as { recoveryCodes: string[] };
  return { secret, recoveryCodes, tokens };
}

async function challenge(): Promise<string> {
  const answer = await auth.call('POST', '/auth/login', user);
  expect(answer.status).toBe(401);
  const problem = (await answer.json()) as { code: string; challenge: string };
  expect(problem.code).toBe('auth.second_factor_required');
  return problem.challenge;
}

const meet = (token: string, code: string): Promise<Response> =>
  auth.call('POST', '/auth/mfa/verify', { challenge: token, code });

describe('a second factor', () => {
  it('proves nothing before it was switched on', async () => {
    const { accessToken } = await auth.login(user);
    const begun = await auth.as(accessToken, 'POST', '/auth/mfa/totp');
    const { secret } = (await begun.json()) as { secret: string };
    for (const path of ['step-up', 'recovery-codes'])
      expect((await auth.as(accessToken, 'POST', `/auth/mfa/${path}`, { code: await freshCode(secret) })).status).toBe(
        401,
      );
  });

  it('stands between the password and the session', async () => {
    const { secret } = await enrol(await auth.login(user));
    const answer = await meet(await challenge(), await freshCode(secret));
    expect(answer.status).toBe(200);
    const { accessToken } = (await answer.json()) as Tokens;
    expect((await auth.as(accessToken, 'GET', '/users/me')).status).toBe(200);
  });

  it('is asked for by a right password, which ends the counting of wrong ones', async () => {
    await enrol(await auth.login(user));
    const wrong = { ...user, password: 'a wrong password' };
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 9; i++) expect((await auth.call('POST', '/auth/login', wrong)).status).toBe(401);
      await challenge();
    }
  });

  it('takes no code twice, also by two at once', async () => {
    const { secret } = await enrol(await auth.login(user));
    const [one, two] = [await challenge(), await challenge()];
    const code = await freshCode(secret);
    const answers = await Promise.all([meet(one, code), meet(two, code)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401]);
    expect((await meet(await challenge(), code)).status).toBe(401);
  });

  it('lets of sixteen parallel answers to one challenge one win', async () => {
    const { recoveryCodes } = await enrol(await auth.login(user));
    const token = await challenge();
    const statuses = await auth.sixteen((i) => meet(token, recoveryCodes[i % recoveryCodes.length]!));
    expect(statuses).toEqual([200, ...Array<number>(15).fill(401)]);
  });

  it('takes a recovery code once, of sixteen sign-ins at the same time', async () => {
    const { recoveryCodes } = await enrol(await auth.login(user));
    const challenges: string[] = [];
    for (let i = 0; i < 16; i++) challenges.push(await challenge());
    const statuses = await auth.sixteen((i) => meet(challenges[i]!, recoveryCodes[0]!));
    expect(statuses).toEqual([200, ...Array<number>(15).fill(401)]);
  });

  it('allows five tries per challenge and ten over all of them', async () => {
    const { secret } = await enrol(await auth.login(user));
    for (let round = 0; round < 2; round++) {
      const token = await challenge();
      for (let i = 0; i < 5; i++) expect((await meet(token, '000000')).status).toBe(401);
      if (round === 0) expect((await meet(token, await freshCode(secret))).status).toBe(401);
    }
    expect((await meet(await challenge(), await freshCode(secret))).status).toBe(401);
    await auth.query(`UPDATE totp_factors SET blocked_until = now() - interval '1 second'`);
    expect((await meet(await challenge(), await freshCode(secret))).status).toBe(200);
  });

  it('waits a quarter of an hour after ten wrong codes, and twice as long after each ten more, up to sixteen hours', async () => {
    const { secret } = await enrol(await auth.login(user));
    const waits: number[] = [];
    for (const failures of [9, 19, 29, 99, 999]) {
      await auth.query('UPDATE totp_factors SET failures = $1, blocked_until = NULL', [failures]);
      expect((await meet(await challenge(), '000000')).status).toBe(401);
      expect((await meet(await challenge(), await freshCode(secret))).status).toBe(401);
      const [row] = await auth.query<{ minutes: number }>(
        `SELECT round(extract(epoch FROM f.blocked_until - now()) / 60)::int AS minutes FROM totp_factors f
          JOIN users ON users.id = user_id WHERE email = $1`,
        [user.email],
      );
      waits.push(row!.minutes);
    }
    expect(waits).toEqual([15, 30, 60, 960, 960]);
  });

  it('takes a recovery code once, however it is typed', async () => {
    const { recoveryCodes } = await enrol(await auth.login(user));
    const typed = recoveryCodes[0]!.toUpperCase().replaceAll('-', ' ');
    expect((await meet(await challenge(), typed)).status).toBe(200);
    expect((await meet(await challenge(), recoveryCodes[0]!)).status).toBe(401);
  });

  it('takes no expired or made-up challenge, and none from before a password change', async () => {
    const { secret, tokens } = await enrol(await auth.login(user));
    expect((await meet('made up', await freshCode(secret))).status).toBe(401);
    const expired = await challenge();
    await auth.query(`UPDATE second_factor_challenges SET expires_at = now() - interval '1 second'`);
    expect((await meet(expired, await freshCode(secret))).status).toBe(401);
    const before = await challenge();
    const change = { currentPassword: user.password, newPassword: 'an entirely new password' };
    expect((await auth.as(tokens.accessToken, 'POST', '/auth/password/change', change)).status).toBe(204);
    expect((await meet(before, await freshCode(secret))).status).toBe(401);
  });

  it('is still asked for after a password reset', async () => {
    await enrol(await auth.login(user));
    await auth.call('POST', '/auth/password/forgot', { email: user.email });
    const token = await auth.linkTokenFor(user.email, 'auth.user.password_recovery_requested.v1');
    user.password = 'an entirely new password';
    expect((await auth.call('POST', '/auth/password/reset', { token, password: user.password })).status).toBe(200);
    await challenge();
  });

  it('stands between Google and the session too, and on the login page', async () => {
    const { secret } = await enrol(await auth.login(user));
    google.claims = { sub: `1${Date.now()}`, email: user.email, email_verified: true };
    const departure = await auth.call('GET', '/oauth/google?returnTo=http://app.test/');
    const cookie = departure.headers.getSetCookie()[0]!.split(';')[0]!;
    const back = google.consent(departure.headers.get('location')!);
    const viaGoogle = await auth.call('GET', `${back.pathname}${back.search}`, undefined, { cookie });
    const viaForm = await auth.call('POST', '/oauth/sign-in', new URLSearchParams({ ...user }).toString(), FORM);
    for (const [answer, leadsTo] of [
      [viaGoogle, 'http://app.test/'],
      [viaForm, '/oauth/signed-in'],
    ] as const) {
      const page = answer.headers.get('location')!;
      expect(page).toMatch(/^\/oauth\/second-factor\?lang=en/);
      const cookies = answer.headers.getSetCookie();
      expect(cookies.filter((each) => each.startsWith('refresh='))).toEqual([]);
      const pending = cookies.find((each) => each.startsWith('challenge='))!.split(';')[0]!;
      const wrong = await auth.call('POST', page, 'code=000000', { ...FORM, cookie: pending });
      expect(wrong.status).toBe(401);
      expect(wrong.headers.get('referrer-policy')).toBe('same-origin');
      const right = await auth.call('POST', page, `code=${await freshCode(secret)}`, {
        ...FORM,
        cookie: pending,
      });
      expect(right.status).toBe(303);
      expect(right.headers.get('location')).toBe(leadsTo);
      expect(right.headers.getSetCookie().filter((each) => each.startsWith('refresh='))).toHaveLength(1);
    }
  });

  it.each(['http://evil.test', 'null', undefined])('takes no code from a page of origin %s', async (origin) => {
    const { recoveryCodes } = await enrol(await auth.login(user));
    const asked = await auth.call('POST', '/oauth/sign-in', new URLSearchParams({ ...user }).toString(), FORM);
    const cookie = asked.headers.getSetCookie()[0]!.split(';')[0]!;
    const { origin: own, ...form } = FORM;
    const send = (headers: Record<string, string>): Promise<Response> =>
      auth.call('POST', '/oauth/second-factor', `code=${recoveryCodes[0]}`, { ...form, cookie, ...headers });
    const foreign = await send(origin ? { origin } : {});
    expect([foreign.status, foreign.headers.getSetCookie()]).toEqual([403, []]);
    expect((await send({ origin: own })).status).toBe(303);
  });

  it('leads back to the login page, which still goes where the visitor wanted to', async () => {
    await enrol(await auth.login(user));
    const films = 'http://app.test/films?id=1&lang=none#top';
    const fields = new URLSearchParams({ ...user, returnTo: films }).toString();
    const page = (await auth.call('POST', '/oauth/sign-in?lang=ru', fields, FORM)).headers.get('location')!;
    expect(page).toContain('?lang=ru');
    const shown = await auth.call('GET', page);
    // The browser has forgotten the challenge by now.
    const late = await auth.call('POST', await formOf(shown.clone()), 'code=000000', FORM);
    expect([shown.status, late.status]).toEqual([200, 401]);
    for (const answer of [shown, late]) {
      const login = await (await auth.call('GET', await linkBackOf(answer))).text();
      expect(login).toContain('<html lang="ru">');
      expect(unescaped(login)).toContain(`name="returnTo" value="${films}"`);
    }
  });

  it.each(['//evil.test', 'http://evil.test/', 'http://app.test@evil.test/', 'javascript:alert(1)'])(
    'leads nobody to %s',
    async (evil) => {
      const { secret } = await enrol(await auth.login(user));
      const page = `/oauth/second-factor?returnTo=${encodeURIComponent(evil)}`;
      expect(await (await auth.call('GET', page)).text()).not.toContain('evil');
      const challenged = await auth.call('POST', '/oauth/sign-in', new URLSearchParams({ ...user }).toString(), FORM);
      const cookie = challenged.headers.getSetCookie()[0]!.split(';')[0]!;
      const admitted = await auth.call('POST', page, `code=${await freshCode(secret)}`, { ...FORM, cookie });
      expect(new URL(admitted.headers.get('location')!, 'http://auth.test').host).toBe('auth.test');
    },
  );

  it('opens nothing for a Google account that was unlinked meanwhile', async () => {
    const { secret, tokens } = await enrol(await auth.login(user));
    google.claims = { sub: `1${Date.now()}`, email: user.email, email_verified: true };
    const departure = await auth.call('GET', '/oauth/google');
    const cookie = departure.headers.getSetCookie()[0]!.split(';')[0]!;
    const back = google.consent(departure.headers.get('location')!);
    const arrival = await auth.call('GET', `${back.pathname}${back.search}`, undefined, { cookie });
    const pending = arrival.headers.getSetCookie().find((each) => each.startsWith('challenge='))!;
    const byPassword = await challenge();
    expect((await auth.as(tokens.accessToken, 'DELETE', '/users/me/identities/google')).status).toBe(204);
    const late = await auth.call('POST', '/oauth/second-factor', `code=${await freshCode(secret)}`, {
      ...FORM,
      cookie: pending.split(';')[0]!,
    });
    expect(late.status).toBe(401);
    expect((await meet(byPassword, await freshCode(secret))).status).toBe(200);
  });

  it('is set up with a recent sign-in only, switched off with a code only, and keeps no secret in plain', async () => {
    const tokens = await auth.login(user);
    await auth.query(`UPDATE sessions SET authenticated_at = now() - interval '16 minutes'`);
    expect((await auth.as(tokens.accessToken, 'POST', '/auth/mfa/totp')).status).toBe(403);
    await auth.query('UPDATE sessions SET authenticated_at = now()');
    const { secret, recoveryCodes } = await enrol(tokens);
    expect((await auth.as(tokens.accessToken, 'POST', '/auth/mfa/totp')).status).toBe(409);
    expect(await auth.query('SELECT 1 FROM totp_factors t WHERE t::text LIKE $1', [`%${secret}%`])).toHaveLength(0);
    expect(
      await auth.query('SELECT 1 FROM recovery_codes t WHERE t::text LIKE $1', [`%${recoveryCodes[0]}%`]),
    ).toHaveLength(0);
    expect((await auth.as(tokens.accessToken, 'POST', '/auth/mfa/totp/disable', { code: '000000' })).status).toBe(401);
    expect(
      (await auth.as(tokens.accessToken, 'POST', '/auth/mfa/totp/disable', { code: await freshCode(secret) })).status,
    ).toBe(204);
    expect((await auth.as(tokens.accessToken, 'GET', '/users/me')).status).toBe(401);
    await auth.login(user);
  });
});

describe('what happens to the second factor', () => {
  const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  const PREFIX = 'auth.second_factor.';
  let tokens: Tokens;
  let userId: string;

  const post = (path: string, code: string): Promise<Response> =>
    auth.call(
      'POST',
      `/auth/mfa/${path}`,
      { code },
      { authorization: `Bearer ${tokens.accessToken}`, 'user-agent': AGENT, 'x-forwarded-for': '203.0.113.7' },
    );
  /** What the user was told of the second factor, oldest first. */
  const told = async (): Promise<PublishedEvent[]> =>
    (await auth.events()).filter(
      ({ routingKey, payload }) => routingKey.startsWith(PREFIX) && payload['userId'] === userId,
    );
  const names = async (): Promise<string[]> =>
    (await told()).map(({ routingKey }) => routingKey.slice(PREFIX.length, -'.v1'.length));
  const audited = async (): Promise<string[]> => {
    const rows = await auth.query<{ action: string }>(
      'SELECT action FROM audit_entries WHERE subject_id = $1 AND actor_id = $1 ORDER BY id',
      [userId],
    );
    return rows.map(({ action }) => action);
  };
  /** Does something while no event can be written down. */
  async function unheard<T>(work: () => Promise<T>): Promise<T> {
    await auth.query(
      `ALTER TABLE outbox ADD CONSTRAINT ck_unheard CHECK (routing_key NOT LIKE 'auth.second_factor.%') NOT VALID`,
    );
    try {
      return await work();
    } finally {
      await auth.query('ALTER TABLE outbox DROP CONSTRAINT ck_unheard');
    }
  }
  const state = (): Promise<unknown[]> =>
    auth.query(
      `SELECT (SELECT confirmed_at FROM totp_factors WHERE user_id = $1),
              array(SELECT code_hash FROM recovery_codes WHERE user_id = $1 ORDER BY 1) AS codes`,
      [userId],
    );

  beforeEach(async () => {
    tokens = await auth.login(user);
    [{ id: userId } = { id: '' }] = await auth.query<{ id: string }>('SELECT id FROM users WHERE email = $1', [
      user.email,
    ]);
  });

  it('is told to the user, with when, from where and on what it was done', async () => {
    await auth.query(`UPDATE users SET locale = 'ru' WHERE id = $1`, [userId]);
    const { secret } = (await (await auth.as(tokens.accessToken, 'POST', '/auth/mfa/totp')).json()) as Enrolled;
    expect((await post('totp/confirm', totpAt(secret, Date.now()))).status).toBe(200);
    expect((await post('recovery-codes', await freshCode(secret))).status).toBe(200);
    expect((await post('totp/disable', await freshCode(secret))).status).toBe(204);
    expect(await names()).toEqual(['enabled', 'recovery_codes_renewed', 'disabled']);
    for (const { payload } of await told()) {
      const { at, ...facts } = payload;
      const where = { deviceType: 'desktop', browser: 'Firefox', os: 'Linux', ip: '203.0.113.7' };
      expect(facts).toEqual({ userId, locale: 'ru', ...where });
      expect(Math.abs(Date.now() - Date.parse(String(at)))).toBeLessThan(60_000);
    }
    expect(await audited()).toEqual(['second_factor.enabled', 'recovery_codes.renewed', 'second_factor.disabled']);
  });

  it('is told when a recovery code opens a session or proves who it is, with how many are left', async () => {
    const { recoveryCodes } = await enrol(tokens);
    expect((await meet(await challenge(), recoveryCodes[0]!)).status).toBe(200);
    expect((await post('step-up', recoveryCodes[1]!)).status).toBe(204);
    const used = (await told()).filter(({ routingKey }) => routingKey.includes('recovery_code_used'));
    expect(used.map(({ payload }) => payload['remaining'])).toEqual([9, 8]);
    expect(await audited()).toEqual(['second_factor.enabled', 'recovery_code.used', 'recovery_code.used']);
  });

  it('is nothing to tell of when the code is wrong, spent, or one of the app', async () => {
    const { secret, recoveryCodes } = await enrol(tokens);
    expect((await meet(await challenge(), recoveryCodes[0]!)).status).toBe(200);
    const before = await names();
    expect((await meet(await challenge(), recoveryCodes[0]!)).status).toBe(401);
    expect((await meet(await challenge(), await freshCode(secret))).status).toBe(200);
    for (const path of ['totp/confirm', 'recovery-codes', 'totp/disable', 'step-up'])
      expect((await post(path, '000000')).status).toBe(401);
    expect(await names()).toEqual(before);
  });

  it('does not happen when it cannot be told', async () => {
    const { secret } = (await (await auth.as(tokens.accessToken, 'POST', '/auth/mfa/totp')).json()) as Enrolled;
    const off = await state();
    expect((await unheard(() => post('totp/confirm', totpAt(secret, Date.now())))).status).toBe(500);
    expect(await state()).toEqual(off);
    const confirmed = await post('totp/confirm', totpAt(secret, Date.now()));
    const { recoveryCodes } = (await confirmed.json()) as Enrolled;
    const on = await state();
    const token = await challenge();
    for (const ask of [
      async () => post('recovery-codes', await freshCode(secret)),
      async () => post('totp/disable', await freshCode(secret)),
      () => post('step-up', recoveryCodes[0]!),
      () => meet(token, recoveryCodes[0]!),
    ])
      expect((await unheard(ask)).status).toBe(500);
    expect(await state()).toEqual(on);
    expect((await meet(token, recoveryCodes[0]!)).status).toBe(200);
    expect(await names()).toEqual(['enabled', 'recovery_code_used']);
  });
});

describe('at the same moment', () => {
  let accessToken: string;
  let secret: string;
  let rival: Rival;

  const begin = (): Promise<Response> => auth.as(accessToken, 'POST', '/auth/mfa/totp');
  /** Codes of the step before and of this one: either is right, and the later one also after the earlier one. */
  const twoCodes = (): string[] => [totpAt(secret, Date.now() - 30_000), totpAt(secret, Date.now())];
  const post = (path: string, code: string): Promise<Response> =>
    auth.as(accessToken, 'POST', `/auth/mfa/${path}`, { code });
  /** Asks one after the other while the user's secret is locked, and lets both go on. */
  async function inTurn(first: () => Promise<Response>, second: () => Promise<Response>): Promise<number[]> {
    await rival.query('SELECT 1 FROM totp_factors FOR UPDATE');
    const answers = [first()];
    await rival.waiting(1);
    answers.push(second());
    await rival.waiting(2);
    await rival.commit();
    return (await Promise.all(answers)).map(({ status }) => status);
  }
  const recoveryCodes = (): Promise<unknown[]> =>
    auth.query('SELECT 1 FROM recovery_codes JOIN users ON users.id = user_id WHERE email = $1', [user.email]);

  beforeEach(async () => {
    ({ accessToken } = await auth.login(user));
    ({ secret } = (await (await begin()).json()) as { secret: string });
    rival = await Rival.begin(auth);
  });
  afterEach(() => rival.end());

  it('two codes switch the second factor on once, and one answer has the recovery codes', async () => {
    const [earlier, later] = twoCodes();
    expect(
      await inTurn(
        () => post('totp/confirm', earlier!),
        () => post('totp/confirm', later!),
      ),
    ).toEqual([200, 401]);
    expect(await recoveryCodes()).toHaveLength(10);
  });

  it('no other secret takes the place of the one whose code was given', async () => {
    expect(await inTurn(() => post('totp/confirm', totpAt(secret, Date.now())), begin)).toEqual([200, 409]);
    await challenge();
  });

  it('recovery codes renewed twice are ten, those of one answer', async () => {
    await post('totp/confirm', totpAt(secret, Date.now()));
    await auth.query('UPDATE totp_factors SET last_step = 0');
    await rival.query('SELECT 1 FROM sessions FOR UPDATE');
    const answers = twoCodes().map((code) => post('recovery-codes', code));
    await rival.waiting(2);
    await rival.commit();
    await Promise.all(answers);
    expect(await recoveryCodes()).toHaveLength(10);
  });

  it('a recovery code waits for the user before it takes hold of the secret, as all others do who need both', async () => {
    const confirmed = await post('totp/confirm', totpAt(secret, Date.now()));
    const { recoveryCodes: codes } = (await confirmed.json()) as { recoveryCodes: string[] };
    const token = await challenge();
    await rival.query('SELECT 1 FROM users FOR UPDATE');
    const answer = meet(token, codes[0]!);
    await rival.waiting(1);
    await rival.query('SELECT 1 FROM totp_factors FOR UPDATE NOWAIT');
    await rival.commit();
    expect((await answer).status).toBe(200);
  });

  it('a second factor switched off leaves no recovery codes to one who renews them', async () => {
    await post('totp/confirm', totpAt(secret, Date.now()));
    await auth.query('UPDATE totp_factors SET last_step = 0');
    const [earlier, later] = twoCodes();
    await inTurn(
      () => post('totp/disable', earlier!),
      () => post('recovery-codes', later!),
    );
    expect(await recoveryCodes()).toHaveLength(0);
  });
});

describe('administrators', () => {
  const rolesIn = (token: string): unknown =>
    JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()).roles;

  it('have their roles only in sessions with a second factor, whatever the way in', async () => {
    await auth.query(`UPDATE users SET roles = '{public_user,super_user}' WHERE email = $1`, [user.email]);
    const plain = await auth.login(user);
    expect(rolesIn(plain.accessToken)).toEqual(['public_user']);
    expect((await auth.as(plain.accessToken, 'GET', '/admin/users')).status).toBe(403);
    const { secret } = await enrol(plain);
    const raised = (await (
      await auth.call('POST', '/auth/refresh', { refreshToken: plain.refreshToken })
    ).json()) as Tokens;
    expect(rolesIn(raised.accessToken)).toEqual(['public_user', 'super_user']);
    expect((await auth.as(raised.accessToken, 'GET', '/admin/users')).status).toBe(200);
    const later = (await (await meet(await challenge(), await freshCode(secret))).json()) as Tokens;
    expect(rolesIn(later.accessToken)).toEqual(['public_user', 'super_user']);
  });

  it('give their code again for a risky act after a quarter of an hour', async () => {
    await auth.query(`UPDATE users SET roles = '{public_user,super_user}' WHERE email = $1`, [user.email]);
    const { secret, tokens } = await enrol(await auth.login(user));
    const { accessToken } = (await (
      await auth.call('POST', '/auth/refresh', { refreshToken: tokens.refreshToken })
    ).json()) as Tokens;
    const [target] = await auth.query<{ id: string }>('SELECT id FROM users WHERE email <> $1 LIMIT 1', [user.email]);
    const promote = (): Promise<Response> =>
      auth.as(accessToken, 'PUT', `/admin/users/${target!.id}/roles`, { roles: ['public_user'] });
    await auth.query(`UPDATE sessions SET authenticated_at = now() - interval '16 minutes'`);
    expect((await promote()).status).toBe(403);
    expect((await auth.as(accessToken, 'POST', '/auth/mfa/step-up', { code: '000000' })).status).toBe(401);
    expect((await auth.as(accessToken, 'POST', '/auth/mfa/step-up', { code: await freshCode(secret) })).status).toBe(
      204,
    );
    expect((await promote()).status).toBe(204);
  });
});
