import { randomInt, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { UsersRepository } from '../src/users/users.repository.js';
import { AuthApp, claimsOf, newEmail, PASSWORD, randomIp, type Tokens } from './support/auth-app.js';
import { FakeGoogle } from './support/google.js';
import { unescaped } from './support/page.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const AGENT = { 'user-agent': 'Browser/1.0' };
const google = new FakeGoogle();
let auth: AuthApp;

beforeAll(async () => {
  auth = await AuthApp.startBeside(google);
});
afterAll(() => auth.stop());
afterEach(() => {
  google.fault = undefined;
});

const newSubject = (): string => `1${randomInt(2 ** 47)}`;
const person = (email: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  sub: newSubject(),
  email,
  email_verified: true,
  ...more,
});

interface Departure {
  location: string;
  cookie: string;
}

async function depart(query = '', headers: Record<string, string> = {}): Promise<Departure> {
  const answer = await auth.call('GET', `/oauth/google${query}`, undefined, headers);
  expect(answer.status).toBe(302);
  return { location: answer.headers.get('location')!, cookie: answer.headers.getSetCookie()[0]!.split(';')[0]! };
}

async function arrive(back: URL, cookie?: string): Promise<Response> {
  return auth.call('GET', `${back.pathname}${back.search}`, undefined, { ...AGENT, ...(cookie ? { cookie } : {}) });
}

/** The whole way through Google and back. */
async function signIn(claims: Record<string, unknown>, query = ''): Promise<Response> {
  google.claims = claims;
  const { location, cookie } = await depart(query);
  return arrive(google.consent(location), cookie);
}

/** What a user has done to the own account, as the audit trail has it. */
async function ownActs(id: string): Promise<string[]> {
  const entries = 'SELECT action FROM audit_entries WHERE subject_id = $1 AND actor_id = $1 ORDER BY id';
  return (await auth.query<{ action: string }>(entries, [id])).map(({ action }) => action);
}

/** The refresh token a browser is given. */
function refreshTokenOf(answer: Response): string {
  expect(answer.status).toBe(303);
  const cookie = answer.headers.getSetCookie().find((each) => each.startsWith('refresh='))!;
  return cookie.slice('refresh='.length).split(';')[0]!;
}

function problemOf(answer: Response): string | null {
  expect(answer.status).toBe(303);
  return new URL(answer.headers.get('location')!, 'http://auth.test').searchParams.get('problem');
}

async function accountOf(answer: Response): Promise<{ id: string; email: string }> {
  const cookie = `refresh=${refreshTokenOf(answer)}`;
  const refreshed = await auth.call('POST', '/auth/refresh', {}, { cookie, origin: 'http://app.test', ...AGENT });
  const { accessToken } = (await refreshed.json()) as Tokens;
  return (await (await auth.as(accessToken, 'GET', '/users/me')).json()) as { id: string; email: string };
}

describe('the login page', () => {
  it('offers address and password and Google, in English and Russian, without a script', async () => {
    const english = await (await auth.call('GET', '/oauth/')).text();
    expect(english).toContain('Continue with Google');
    expect(english).not.toContain('<script');
    const russian = await (await auth.call('GET', '/oauth/?lang=ru')).text();
    expect(russian).toContain('Продолжить с Google');
  });

  it('signs in and goes where it was asked to when that is an allowed place', async () => {
    const user = await auth.user();
    const body = new URLSearchParams({ ...user, returnTo: 'http://app.test/films?id=1' }).toString();
    const answer = await auth.call('POST', '/oauth/sign-in', body, { ...FORM, ...AGENT, origin: 'http://auth.test' });
    expect(answer.headers.get('location')).toBe('http://app.test/films?id=1');
    expect((await accountOf(answer)).email).toBe(user.email);
    const evil = new URLSearchParams({ ...user, returnTo: '//evil.test' }).toString();
    const stays = await auth.call('POST', '/oauth/sign-in', evil, { ...FORM, ...AGENT, origin: 'http://auth.test' });
    expect(stays.headers.get('location')).toBe('/oauth/signed-in');
  });

  it('shows a wrong password as a page, keeping the address', async () => {
    const user = await auth.user();
    const body = new URLSearchParams({ email: user.email, password: 'a wrong password' }).toString();
    const answer = await auth.call('POST', '/oauth/sign-in?lang=ru', body, { ...FORM, origin: 'http://auth.test' });
    expect(answer.status).toBe(401);
    const page = await answer.text();
    expect(page).toContain('Неверный адрес или пароль');
    expect(page).toContain(`value="${user.email}"`);
    expect(page).not.toContain('a wrong password');
    // With no-referrer browsers would hide the Origin of the next try, which is then refused.
    expect(answer.headers.get('referrer-policy')).toBe('same-origin');
    expect(answer.headers.get('content-security-policy')).toContain("form-action 'self' http://app.test");
  });

  it('comes back, with the address and the place to go to, when the form is filled in wrongly or sent too often', async () => {
    const from = { 'x-forwarded-for': randomIp(), ...FORM, origin: 'http://auth.test' };
    const send = (email: string): Promise<Response> => {
      const fields = { email, password: 'a wrong password', returnTo: 'http://app.test/films' };
      return auth.call('POST', '/oauth/sign-in?lang=ru', new URLSearchParams(fields).toString(), from);
    };
    const noAddress = await send('nobody@nowhere');
    const email = newEmail();
    await auth.query(`INSERT INTO sign_in_failures VALUES (sha256($1::bytea), 10, now(), now() + interval '1 hour')`, [
      Buffer.from(email),
    ]);
    const answers = [noAddress];
    for (let i = 0; i < 31; i++) answers.push(await send(email));
    expect([answers[0], answers[1], answers.at(-1)].map((answer) => answer!.status)).toEqual([422, 429, 429]);
    const pages = await Promise.all([answers[0]!.text(), answers.at(-1)!.text()]);
    expect(pages[0]).toMatch(/role="alert">Введите адрес эл. почты и пароль/);
    expect(pages[1]).toMatch(/role="alert">Слишком много попыток. Подождите\.</);
    expect(pages[0]).toContain('value="nobody@nowhere"');
    for (const page of pages) expect(page).toContain('name="returnTo" value="http://app.test/films"');
    for (const { headers } of answers) expect(headers.get('referrer-policy')).toBe('same-origin');
  });

  it.each(['http://evil.test', 'null', undefined])(
    'takes no form from a page of origin %s (login CSRF)',
    async (origin) => {
      const user = await auth.user();
      const body = new URLSearchParams({ ...user }).toString();
      const answer = await auth.call('POST', '/oauth/sign-in', body, { ...FORM, ...(origin ? { origin } : {}) });
      expect(answer.status).toBe(403);
      expect(answer.headers.getSetCookie()).toEqual([]);
    },
  );

  it('may not be framed, and posts nowhere else', async () => {
    const policy = (await auth.call('GET', '/oauth/')).headers.get('content-security-policy');
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self' http://app.test");
  });
});

describe('continuing with Google', () => {
  it('sends state, S256 challenge and the registered return address', async () => {
    const { location } = await depart();
    const query = new URL(location).searchParams;
    expect(query.get('code_challenge_method')).toBe('S256');
    expect(query.get('code_challenge')).toMatch(/^[\w-]{43}$/);
    expect(query.get('state')).toMatch(/^[\w-]{43}$/);
    expect(query.get('redirect_uri')).toBe('http://auth.test/oauth/google/callback');
  });

  it('makes a user, and finds the same one by the subject when the address has changed at Google', async () => {
    const claims = person(newEmail());
    const first = await accountOf(await signIn(claims));
    expect(first.email).toBe(claims['email']);
    const later = await accountOf(await signIn({ ...claims, email: newEmail() }));
    expect(later).toEqual(first);
  });

  it('keeps the token in the header, out of every log', async () => {
    await signIn(person(newEmail()));
    const userinfo = google.seen.filter(({ path }) => path.endsWith('userinfo')).at(-1)!;
    expect(userinfo.authorization).toMatch(/^Bearer /);
    expect(userinfo.query).toBe('');
  });

  it('links to the user with the same proved address, announces it and writes it down', async () => {
    const user = await auth.user();
    const { id, email } = await accountOf(await signIn(person(user.email.toUpperCase())));
    expect(email).toBe(user.email);
    const linked = (await auth.events('auth.identity.linked.v1')).filter(({ payload }) => payload['userId'] === id);
    expect(linked).toHaveLength(1);
    expect(await ownActs(id)).toEqual(['identity.linked']);
    await auth.login(user);
  });

  it('drops a sign-up that was waiting for the address, with its password', async () => {
    const email = newEmail();
    await auth.call('POST', '/auth/register', { email, password: "the stranger's password" });
    const token = await auth.linkTokenFor(email);
    const { id } = await accountOf(await signIn(person(email)));
    expect(await auth.query('SELECT 1 FROM registrations WHERE email = $1', [email])).toEqual([]);
    expect((await auth.call('POST', '/auth/verify-email', { token })).status).toBe(422);
    expect((await auth.call('POST', '/auth/login', { email, password: "the stranger's password" })).status).toBe(401);
    expect(
      await auth.query('SELECT 1 FROM users WHERE email = $1 AND id = $2 AND password_hash IS NULL', [email, id]),
    ).toHaveLength(1);
  });

  it('loses no sign-up race to a confirmation of the same address: one user remains', async () => {
    for (let round = 0; round < 5; round++) {
      const email = newEmail();
      await auth.call('POST', '/auth/register', { email, password: PASSWORD });
      const token = await auth.linkTokenFor(email);
      google.claims = person(email);
      const departures = await Promise.all(Array.from({ length: 4 }, () => depart()));
      await Promise.all([
        auth.call('POST', '/auth/verify-email', { token }),
        ...departures.map(({ location, cookie }) => arrive(google.consent(location), cookie)),
      ]);
      expect(await auth.query('SELECT 1 FROM users WHERE email = $1', [email])).toHaveLength(1);
    }
  });

  it.each([false, 'true', 'false', 1, undefined, null])('believes no email_verified of %j', async (verified) => {
    const user = await auth.user();
    expect(problemOf(await signIn(person(user.email, { email_verified: verified })))).toBe('oauth.email_unverified');
    expect(problemOf(await signIn(person(newEmail(), { email_verified: verified })))).toBe('oauth.email_unverified');
  });

  it.each([undefined, '', 7, null])('knows nobody by the subject %j', async (sub) => {
    const email = newEmail();
    expect(problemOf(await signIn(person(email, { sub })))).toBe('oauth.google_unavailable');
    expect(await auth.query('SELECT 1 FROM users WHERE email = $1', [email])).toHaveLength(0);
  });

  it('makes no user without an address, and links to none whose own address is not proved', async () => {
    expect(problemOf(await signIn(person(newEmail(), { email: undefined })))).toBe('oauth.email_unverified');
    const user = await auth.user();
    await auth.query('UPDATE users SET email_verified_at = NULL WHERE email = $1', [user.email]);
    expect(problemOf(await signIn(person(user.email)))).toBe('oauth.refused');
  });

  it('takes another subject with the same address for another person', async () => {
    const email = newEmail();
    await accountOf(await signIn(person(email)));
    expect(problemOf(await signIn(person(email)))).toBe('oauth.other_account_linked');
  });

  it.each(['sets out', 'comes back'] as const)(
    'opens a session of its own and ends the one the browser had when it %s, whoever put it there',
    async (when) => {
      const planted = await auth.login(await auth.user());
      const cookie = `refresh=${planted.refreshToken}`;
      google.claims = person(newEmail());
      const departure = await depart('', when === 'sets out' ? { cookie } : {});
      const cookies = when === 'sets out' ? departure.cookie : `${departure.cookie}; ${cookie}`;
      const opened = refreshTokenOf(await arrive(google.consent(departure.location), cookies));
      const refresh = (refreshToken: string): Promise<Response> => auth.call('POST', '/auth/refresh', { refreshToken });
      expect((await refresh(planted.refreshToken)).status).toBe(401);
      expect((await auth.as(planted.accessToken, 'GET', '/users/me')).status).toBe(401);
      const { accessToken } = (await (await refresh(opened)).json()) as Tokens;
      expect(claimsOf(accessToken)['sid']).not.toBe(claimsOf(planted.accessToken)['sid']);
    },
  );

  it('lets no blocked user in', async () => {
    const claims = person(newEmail());
    const { id } = await accountOf(await signIn(claims));
    await auth.query('UPDATE users SET blocked_at = now() WHERE id = $1', [id]);
    const answer = await signIn(claims);
    expect(problemOf(answer)).toBe('oauth.refused');
    expect(answer.headers.getSetCookie().filter((cookie) => cookie.startsWith('refresh='))).toEqual([]);
  });

  it('comes back to an allowed place only', async () => {
    const allowed = await signIn(person(newEmail()), '?returnTo=http://app.test/films');
    expect(allowed.headers.get('location')).toBe('http://app.test/films');
    for (const evil of ['//evil.test', 'http://evil.test', '/%5Cevil.test', 'javascript:alert(1)']) {
      const answer = await signIn(person(newEmail()), `?returnTo=${evil}`);
      expect(new URL(answer.headers.get('location')!, 'http://auth.test').host).toBe('auth.test');
    }
    const twice = await signIn(person(newEmail()), '?returnTo=http://app.test/&returnTo=http://evil.test/');
    expect(twice.headers.get('location')).toBe('/oauth/signed-in');
  });
});

describe('while Google is taken away', () => {
  const AT_ONCE = 6;

  /** Lets arrivals from Google find the user, as `step` does, and go on only after `act`. */
  async function arriveAround(
    step: 'findById' | 'findByEmail',
    whom: string,
    act: () => Promise<Response>,
  ): Promise<Response[]> {
    const departures = await Promise.all(Array.from({ length: AT_ONCE }, () => depart()));
    const users = auth.app.get(UsersRepository);
    const find = users[step].bind(users);
    let found = 0;
    let goOn = (): void => undefined;
    const acted = new Promise<void>((resolve) => (goOn = resolve));
    const spy = vi.spyOn(users, step).mockImplementation(async (value) => {
      const user = await find(value);
      if (value === whom) {
        found++;
        await acted;
      }
      return user;
    });
    try {
      const arriving = departures.map(({ location, cookie }) => arrive(google.consent(location), cookie));
      await vi.waitFor(() => expect(found).toBe(AT_ONCE), { timeout: 10_000 });
      expect((await act()).ok).toBe(true);
      goOn();
      return await Promise.all(arriving);
    } finally {
      goOn();
      spy.mockRestore();
    }
  }

  const sessionsOf = async (userId: string): Promise<unknown[]> =>
    auth.query('SELECT id FROM sessions WHERE user_id = $1 AND ended_at IS NULL', [userId]);

  it('nobody comes in by an account unlinked at the same moment', async () => {
    const user = await auth.user();
    const claims = person(user.email);
    const { id } = await accountOf(await signIn(claims));
    const { accessToken } = await auth.login(user);
    const before = await sessionsOf(id);
    const answers = await arriveAround('findById', id, () =>
      auth.as(accessToken, 'DELETE', '/users/me/identities/google'),
    );
    expect(answers.map(problemOf)).toEqual(Array(AT_ONCE).fill('oauth.refused'));
    expect(await sessionsOf(id)).toEqual(before);
  });

  it('nobody links an account to one whose change of address is taken back at the same moment', async () => {
    const user = await auth.user();
    const stolen = newEmail();
    const { accessToken } = await auth.login(user);
    await auth.as(accessToken, 'POST', '/users/me/email', { email: stolen });
    await auth.call('POST', '/auth/email/confirm', { token: await auth.linkTokenFor(stolen) });
    const token = await auth.linkTokenFor(user.email, 'auth.user.email_undo_offered.v1');
    const [row] = await auth.query<{ id: string }>('SELECT id FROM users WHERE email = $1', [stolen]);
    google.claims = person(stolen);
    const answers = await arriveAround('findByEmail', stolen, () => auth.call('POST', '/auth/email/undo', { token }));
    expect(answers.map(problemOf)).toEqual(Array(AT_ONCE).fill('oauth.refused'));
    expect(await auth.query('SELECT 1 FROM identities WHERE user_id = $1', [row!.id])).toEqual([]);
    expect(await sessionsOf(row!.id)).toEqual([]);
  });
});

describe('coming back from Google', () => {
  it.each([
    ['no cookie', async ({ location }: Departure) => arrive(google.consent(location))],
    [
      'a cookie that was made up',
      async ({ location }: Departure) => arrive(google.consent(location), 'google=eyJhIjoxfQ.AAAA'),
    ],
    [
      "another browser's journey",
      async ({ location }: Departure) => arrive(google.consent(location), (await depart()).cookie),
    ],
    [
      'another state',
      async ({ location, cookie }: Departure) => {
        const back = google.consent(location);
        back.searchParams.set('state', randomUUID());
        return arrive(back, cookie);
      },
    ],
    [
      'no state',
      async ({ location, cookie }: Departure) => {
        const back = google.consent(location);
        back.searchParams.delete('state');
        return arrive(back, cookie);
      },
    ],
    [
      'the state twice',
      async ({ location, cookie }: Departure) => {
        const back = google.consent(location);
        back.searchParams.append('state', back.searchParams.get('state')!);
        return arrive(back, cookie);
      },
    ],
  ])('with %s opens no session', async (_, come) => {
    google.claims = person(newEmail());
    const answer = await come(await depart());
    expect(problemOf(answer)).toBe('oauth.state_mismatch');
    expect(answer.headers.getSetCookie().filter((cookie) => cookie.startsWith('refresh='))).toEqual([]);
    expect(await auth.query('SELECT 1 FROM users WHERE email = $1', [google.claims['email']])).toHaveLength(0);
  });

  it('after ten minutes opens no session', async () => {
    google.claims = person(newEmail());
    const { location, cookie } = await depart();
    const back = google.consent(location);
    const later = (seconds: number): unknown =>
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 });
    try {
      later(601);
      expect(problemOf(await arrive(back, cookie))).toBe('oauth.state_mismatch');
      later(-11);
      await accountOf(await arrive(back, cookie));
    } finally {
      vi.useRealTimers();
    }
  });

  it('uses a state once, of sixteen at the same time, whatever code comes with it', async () => {
    google.claims = person(newEmail());
    const { location, cookie } = await depart();
    const answers = await Promise.all(Array.from({ length: 16 }, () => arrive(google.consent(location), cookie)));
    const problems = answers.map(problemOf);
    expect(problems.filter((problem) => problem === null)).toHaveLength(1);
    expect(problems.filter((problem) => problem === 'oauth.state_mismatch')).toHaveLength(15);
    expect(problemOf(await arrive(google.consent(location), cookie))).toBe('oauth.state_mismatch');
  });

  it('is 302 and 303 all the way, in no frame, and takes no other place to go to from the address', async () => {
    google.claims = person(newEmail());
    const departure = await auth.call('GET', '/oauth/google');
    const back = google.consent(departure.headers.get('location')!);
    back.searchParams.append('returnTo', 'http://app.test/films');
    back.searchParams.append('returnTo', '//evil.test');
    const cookie = departure.headers.getSetCookie()[0]!.split(';')[0]!;
    const arrival = await arrive(back, cookie);
    expect(arrival.headers.get('location')).toBe('/oauth/signed-in');
    const refused = await arrive(back, cookie);
    const answers = [departure, arrival, refused, await auth.call('GET', '/oauth/signed-in')];
    expect(answers.map(({ status }) => status)).toEqual([302, 303, 303, 200]);
    for (const { headers } of answers)
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  it('uses a code once', async () => {
    google.claims = person(newEmail());
    const { location, cookie } = await depart();
    const back = google.consent(location);
    const { searchParams: used } = new URL(back);
    await accountOf(await arrive(back, cookie));
    const next = await depart();
    const replayed = google.consent(next.location);
    replayed.searchParams.set('code', used.get('code')!);
    expect(problemOf(await arrive(replayed, next.cookie))).toBe('oauth.code_refused');
  });

  it('sends the verifier that only this browser has', async () => {
    google.claims = person(newEmail());
    const [first, second] = [await depart(), await depart()];
    const stolen = google.consent(first.location);
    stolen.searchParams.set('state', new URL(second.location).searchParams.get('state')!);
    expect(problemOf(await arrive(stolen, second.cookie))).toBe('oauth.code_refused');
  });

  it.each([
    ['an error of the token endpoint', 'token'],
    ['an error of the profile endpoint', 'userinfo'],
  ] as const)('answers %s with a page that says Google is unavailable', async (_, path) => {
    google.fault = { path, answer: (response) => response.writeHead(500).end('oops') };
    expect(problemOf(await signIn(person(newEmail())))).toBe('oauth.google_unavailable');
  });

  it.each(
    (['token', 'userinfo'] as const).flatMap((path) =>
      ['null', '[]', '"text"', '1', ''].map((body) => [body, path] as const),
    ),
  )('takes %j of the %s endpoint for no answer, and goes on serving', async (body, path) => {
    google.fault = { path, answer: (response) => response.writeHead(200).end(body) };
    expect(problemOf(await signIn(person(newEmail())))).toBe('oauth.google_unavailable');
  });

  it('follows no redirect of the token endpoint and reads no endless answer', async () => {
    google.fault = {
      path: 'token',
      answer: (response) => response.writeHead(307, { location: `${auth.url}/health/live` }).end(),
    };
    expect(problemOf(await signIn(person(newEmail())))).toBe('oauth.google_unavailable');
    google.fault = {
      path: 'userinfo',
      answer: (response) => response.writeHead(200).end(Buffer.alloc(5 * 1024 * 1024, ' ')),
    };
    expect(problemOf(await signIn(person(newEmail())))).toBe('oauth.google_unavailable');
  });

  it.each(['token', 'userinfo'] as const)('waits five seconds at most, whatever Google does at %s', async (path) => {
    google.fault = { path, answer: () => undefined };
    const from = performance.now();
    expect(problemOf(await signIn(person(newEmail())))).toBe('oauth.google_unavailable');
    expect(performance.now() - from).toBeLessThan(5_000);
  });
});

describe('cancelling at Google', () => {
  const FILMS = 'http://app.test/films?id=1&problem=none#top';
  const WITH_FILMS = `?returnTo=${encodeURIComponent(FILMS)}`;

  /** The person said no: Google sends the browser back with the state and no code. */
  function cancel({ location, cookie }: Departure, more: Record<string, string> = {}, as = cookie): Promise<Response> {
    const state = new URL(location).searchParams.get('state')!;
    const query = new URLSearchParams({ error: 'access_denied', state, ...more });
    return arrive(new URL(`http://auth.test/oauth/google/callback?${query.toString()}`), as);
  }

  /** The login page the visitor is led back to, its characters unescaped. */
  const loginPageAfter = async (answer: Response): Promise<string> => {
    expect(problemOf(answer)).toBe('oauth.cancelled');
    return unescaped(await (await auth.call('GET', answer.headers.get('location')!)).text());
  };
  const returnToOf = (answer: Response): string | null =>
    new URL(answer.headers.get('location')!, 'http://auth.test').searchParams.get('returnTo');
  const fieldOf = (page: string): string | undefined => /name="returnTo" value="([^"]*)"/.exec(page)?.[1];

  it('leads to the login page, which says so and still goes where the visitor wanted to, by password or by Google', async () => {
    const answer = await cancel(await depart(WITH_FILMS));
    const page = await loginPageAfter(answer);
    expect(page).toContain('Signing in with Google was cancelled.');
    expect(fieldOf(page)).toBe(FILMS);
    const body = new URLSearchParams({ ...(await auth.user()), returnTo: fieldOf(page)! }).toString();
    const signedIn = await auth.call('POST', '/oauth/sign-in', body, { ...FORM, ...AGENT, origin: 'http://auth.test' });
    expect(signedIn.headers.get('location')).toBe(FILMS);
    const again = /href="\/oauth\/google(\?returnTo=[^"]*)"/.exec(page)![1]!;
    expect((await signIn(person(newEmail()), again)).headers.get('location')).toBe(FILMS);
  });

  it('goes nowhere when nothing was asked for, whatever the way back says', async () => {
    const answer = await cancel(await depart(), { returnTo: FILMS });
    expect(returnToOf(answer)).toBeNull();
    expect(fieldOf(await loginPageAfter(answer))).toBeUndefined();
  });

  it.each([
    '//evil.test',
    'http://evil.test/',
    'http://app.test.evil.test/',
    'http://app.test@evil.test/',
    '/\\evil.test',
    'javascript:alert(1)',
    'http://app.test/\r\nlocation: http://evil.test/',
  ])('takes nobody to %j, on the way there or back', async (evil) => {
    const there = await cancel(await depart(`?returnTo=${encodeURIComponent(evil)}`));
    const back = await cancel(await depart(), { returnTo: evil }, '');
    for (const answer of [there, back]) {
      expect(answer.headers.get('location')).not.toContain('evil');
      expect(new URL(answer.headers.get('location')!, 'http://auth.test').host).toBe('auth.test');
      expect(returnToOf(answer) ?? 'http://auth.test').toMatch(/^http:\/\/auth\.test/);
      expect(await loginPageAfter(answer)).not.toContain('evil');
    }
  });

  it("believes no cookie but the one this browser's journey has", async () => {
    const [mine, other] = [await depart(WITH_FILMS), await depart('?returnTo=http://app.test/other')];
    const [value, signature] = mine.cookie.slice('google='.length).split('.');
    const journey = JSON.parse(Buffer.from(value!, 'base64url').toString()) as object;
    const evil = Buffer.from(JSON.stringify({ ...journey, returnTo: 'http://app.test/evil' })).toString('base64url');
    const cookies = ['', other.cookie, `google=${evil}.${signature}`, `google=${evil}`, 'google=e30.e30', 'google=.'];
    for (const cookie of cookies) expect(returnToOf(await cancel(mine, {}, cookie))).toBeNull();
  });

  it('ends the journey: the browser forgets its state', async () => {
    const answer = await cancel(await depart(WITH_FILMS));
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^google=; .*(Max-Age=0|Expires=Thu, 01 Jan 1970)/),
    ]);
  });

  it('is not the only way back that knows where to go', async () => {
    google.fault = { path: 'token', answer: (response) => response.writeHead(500).end() };
    const failed = await signIn(person(newEmail()), WITH_FILMS);
    expect([problemOf(failed), returnToOf(failed)]).toEqual(['oauth.google_unavailable', FILMS]);
    const from = { 'x-forwarded-for': randomIp() };
    let answer = await auth.call('GET', `/oauth/google${WITH_FILMS}`, undefined, from);
    for (let i = 0; i < 200 && answer.status === 302; i++) {
      answer = await auth.call('GET', `/oauth/google${WITH_FILMS}`, undefined, from);
    }
    expect([problemOf(answer), returnToOf(answer)]).toEqual(['request.too_many', FILMS]);
  });
});

describe('without Google settings', () => {
  it('the page offers no Google and the way there does not exist', async () => {
    const plain = await AuthApp.start({ GOOGLE_CLIENT_ID: '' }, auth);
    try {
      expect(await (await plain.call('GET', '/oauth/')).text()).not.toContain('Google');
      expect(problemOf(await plain.call('GET', '/oauth/google'))).toBe('oauth.google_not_configured');
    } finally {
      await plain.stop();
    }
  });
});
