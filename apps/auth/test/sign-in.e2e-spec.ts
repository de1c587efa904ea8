import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { hash } from '@node-rs/argon2';
import { LoginHistoryService } from '../src/login-history/login-history.service.js';
import { BusyError, type Gate } from '../src/passwords/gate.js';
import { PasswordHashingService } from '../src/passwords/password-hashing.service.js';
import { GatekeeperService } from '../src/second-factor/gatekeeper.service.js';
import { SessionsService } from '../src/sessions/sessions.service.js';
import { SignInFailuresRepository } from '../src/sign-in/sign-in-failures.repository.js';
import { UsersRepository } from '../src/users/users.repository.js';
import { testRedisUrl } from '#libs/testing';
import { AuthApp, claimsOf, newEmail, PASSWORD, randomIp, type TestUser } from './support/auth-app.js';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const TV =
  'Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/2.2 Chrome/108.0.5359.1 TV Safari/537.36';
let auth: AuthApp;
let user: TestUser;

beforeAll(async () => {
  auth = await AuthApp.start();
});
afterAll(() => auth.stop());
beforeEach(async () => {
  user = await auth.user();
});

async function attempt(email: string, password: string, headers: Record<string, string> = {}): Promise<Response> {
  return auth.call('POST', '/auth/login', { email, password }, headers);
}

describe('signing in', () => {
  it('answers an unknown address, a wrong password and a blocked account alike', async () => {
    const blocked = await auth.user();
    await auth.query('UPDATE users SET blocked_at = now() WHERE email = $1', [blocked.email]);
    const answers = [
      await attempt(newEmail(), PASSWORD),
      await attempt(user.email, 'a wrong password'),
      await attempt(blocked.email, PASSWORD),
    ];
    const shapes = await Promise.all(
      answers.map(async (answer) => {
        const { requestId, ...problem } = (await answer.json()) as Record<string, unknown>;
        const headers = [...answer.headers.keys()].toSorted();
        const length = answer.headers.get('content-length');
        return { status: answer.status, headers, length, requestId: typeof requestId, ...problem };
      }),
    );
    expect(shapes[0]).toMatchObject({ status: 401, code: 'auth.invalid_credentials' });
    expect(shapes[1]).toEqual(shapes[0]);
    expect(shapes[2]).toEqual(shapes[0]);
  });

  it('lets a block end by itself', async () => {
    await auth.query(
      `UPDATE users SET blocked_at = now(), blocked_until = now() - interval '1 second' WHERE email = $1`,
      [user.email],
    );
    expect((await attempt(user.email, PASSWORD)).status).toBe(200);
  });

  it('takes the address in any spelling and the password in any normal form', async () => {
    const email = newEmail();
    const password = 'пароль é à ü';
    await auth.call('POST', '/auth/register', { email, password: password.normalize('NFD') });
    await auth.call('POST', '/auth/verify-email', { token: await auth.linkTokenFor(email) });
    expect((await attempt(` ${email.toUpperCase()} `, password.normalize('NFC'))).status).toBe(200);
  });

  it('hashes anew at sign-in what was hashed with weaker parameters', async () => {
    const weak = await hash(PASSWORD, { algorithm: 2, memoryCost: 8192, timeCost: 1, parallelism: 1 });
    await auth.query('UPDATE users SET password_hash = $1 WHERE email = $2', [weak, user.email]);
    expect((await attempt(user.email, PASSWORD)).status).toBe(200);
    const [row] = await auth.query<{ password_hash: string }>('SELECT password_hash FROM users WHERE email = $1', [
      user.email,
    ]);
    expect(row!.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect((await attempt(user.email, PASSWORD)).status).toBe(200);
  });

  it('does not undo a password reset that overtakes the hashing anew', async () => {
    const weak = await hash(PASSWORD, { algorithm: 2, memoryCost: 8192, timeCost: 1, parallelism: 1 });
    const reset = await hash('the password after the reset');
    await auth.query('UPDATE users SET password_hash = $1 WHERE email = $2', [weak, user.email]);
    await auth.query('BEGIN');
    await auth.query('UPDATE users SET password_hash = $1 WHERE email = $2', [reset, user.email]);
    const signIn = attempt(user.email, PASSWORD);
    await auth.eventually(async () => {
      const waiting = await auth.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return waiting.length > 0 ? true : undefined;
    });
    await auth.query('COMMIT');
    await signIn;
    expect(await auth.query('SELECT password_hash FROM users WHERE email = $1', [user.email])).toEqual([
      { password_hash: reset },
    ]);
  });

  it('makes a new session each time and ignores one that was planted', async () => {
    const sid = (token: string): unknown => claimsOf(token)['sid'];
    const first = await auth.login(user);
    const second = await auth.login(user, { cookie: `refresh=${first.refreshToken}; sid=planted` });
    expect(sid(second.accessToken)).not.toBe(sid(first.accessToken));
    expect(second.refreshToken).not.toBe(first.refreshToken);
  });

  it('refuses passwords of a megabyte, twenty at once, before anything is counted or hashed', async () => {
    const body = JSON.stringify({ email: user.email, password: 'x'.repeat(1024 * 1024) });
    const counted = () => auth.query('SELECT identifier_hash, failures FROM sign_in_failures ORDER BY 1');
    const before = { failures: await counted(), ...process.cpuUsage() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => auth.call('POST', '/auth/login', body)));
    const { user: spent, system } = process.cpuUsage(before);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([413]));
    // Processor time, sending included: how long it takes beside other work on the machine says nothing.
    expect((spent + system) / answers.length / 1000).toBeLessThan(100);
    expect(await counted()).toEqual(before.failures);
    await auth.login(user);
  });

  it('is turned away with 503 while the hashing is full, before anything is counted, and nothing else is', async () => {
    const { accessToken } = await auth.login(user);
    const { gate } = auth.app.get(PasswordHashingService) as unknown as { gate: Gate };
    const fill: Promise<void>[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const full = (): boolean => {
      try {
        gate.assertOpen();
        return false;
      } catch {
        return true;
      }
    };
    while (!full()) fill.push(gate.run(() => held));
    try {
      const answers = await Promise.all(
        Array.from({ length: 21 }, (_, i) => {
          if (i % 3 === 0) return attempt(user.email, PASSWORD);
          if (i % 3 === 1) return auth.call('POST', '/auth/register', { email: newEmail(), password: PASSWORD });
          const change = { currentPassword: PASSWORD, newPassword: 'an entirely new password' };
          return auth.as(accessToken, 'POST', '/auth/password/change', change);
        }),
      );
      for (const answer of answers) {
        expect(answer.status).toBe(503);
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
        expect(await answer.json()).toMatchObject({ code: 'service.busy' });
      }
      expect((await auth.as(accessToken, 'GET', '/users/me')).status).toBe(200);
    } finally {
      release();
      await Promise.all(fill);
    }
    const counted = await auth.query('SELECT 1 FROM sign_in_failures WHERE identifier_hash = sha256($1::bytea)', [
      Buffer.from(user.email),
    ]);
    expect(counted).toEqual([]);
    await auth.login(user);
  });

  it('and a change of password go on once they have been counted, however full the hashing gets meanwhile', async () => {
    const known = await auth.user();
    const { accessToken } = await auth.login(known);
    const failures = auth.app.get(SignInFailuresRepository);
    const passwords = auth.app.get(PasswordHashingService);
    const { gate } = passwords as unknown as { gate: Gate };
    /** Takes every place there is, until the next turn of the loop. */
    const fill = (): void => {
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      const takeAll = (): never => {
        for (;;) {
          gate.assertOpen();
          void gate.run(() => held);
        }
      };
      expect(takeAll).toThrow(BusyError);
      setImmediate(release);
    };
    const filledAfter = <T>(work: Promise<T>): Promise<T> => work.finally(fill);
    const originals = {
      reserveAndFind: failures.reserveAndFind.bind(failures),
      reserve: failures.reserve.bind(failures),
      check: passwords.check.bind(passwords),
    };
    const spies = [
      vi.spyOn(failures, 'reserveAndFind').mockImplementation((email) => filledAfter(originals.reserveAndFind(email))),
      vi.spyOn(failures, 'reserve').mockImplementation((email) => filledAfter(originals.reserve(email))),
      vi.spyOn(passwords, 'check').mockImplementation((...asked) => filledAfter(originals.check(...asked))),
    ];
    onTestFinished(() => spies.forEach((spy) => spy.mockRestore()));
    expect((await attempt(known.email, PASSWORD)).status).toBe(200);
    const change = { currentPassword: PASSWORD, newPassword: `${PASSWORD}, and another` };
    expect((await auth.as(accessToken, 'POST', '/auth/password/change', change)).status).toBe(204);
    expect(spies.map((spy) => spy.mock.calls.length)).toEqual([1, 1, 2]);
  });

  it('says so when the device is a new one, and only then', async () => {
    const announced = async (): Promise<unknown[]> => {
      const [row] = await auth.query<{ id: string }>('SELECT id FROM users WHERE email = $1', [user.email]);
      return (await auth.events('auth.login.new_device.v1')).filter(({ payload }) => payload['userId'] === row!.id);
    };
    await auth.login(user, { 'user-agent': CHROME });
    await auth.login(user, { 'user-agent': CHROME });
    expect(await announced()).toHaveLength(0);
    await auth.login(user, { 'user-agent': TV });
    await auth.login(user, { 'user-agent': TV });
    expect(await announced()).toMatchObject([{ payload: { deviceType: 'smart_tv' } }]);
  });

  it('opens twenty sessions at once from a new device and announces it once', async () => {
    await auth.login(user, { 'user-agent': CHROME });
    const known = (await auth.app.get(UsersRepository).findByEmail(user.email))!;
    const sessions = auth.app.get(SessionsService);
    // Past the door that counts tries: it takes more than ten at once for guessing.
    const opened = await Promise.allSettled(
      Array.from({ length: 20 }, () => sessions.open(known, ['pwd'], { ip: '10.1.1.1', userAgent: TV })),
    );
    expect(opened.filter(({ status }) => status === 'rejected')).toEqual([]);
    const announced = (await auth.events('auth.login.new_device.v1')).filter(
      ({ payload }) => payload['userId'] === known.id,
    );
    expect(announced).toHaveLength(1);
  });
});

describe('guessing', () => {
  it('is slowed down for an address, known or not, wherever the tries come from', async () => {
    for (const email of [user.email, newEmail()]) {
      for (let i = 0; i < 10; i++) expect((await attempt(email, 'a wrong password')).status).toBe(401);
      const stopped = await attempt(email, 'a wrong password');
      expect(stopped.status).toBe(429);
      expect(await stopped.json()).toMatchObject({ code: 'auth.too_many_failures' });
      const wait = Number(stopped.headers.get('retry-after'));
      expect(wait).toBeGreaterThanOrEqual(1);
      expect(Number(stopped.headers.get('ratelimit-limit-identifier'))).toBe(10);
      expect(Number(stopped.headers.get('ratelimit-remaining-identifier'))).toBe(0);
      expect(Number(stopped.headers.get('ratelimit-reset-identifier'))).toBe(wait);
      expect(Number(stopped.headers.get('ratelimit-limit-pair'))).toBe(30);
    }
  });

  it('lets of many parallel tries ten through, and the owner in after the wait', async () => {
    const tries = await Promise.all(Array.from({ length: 25 }, () => attempt(user.email, 'a wrong password')));
    expect(tries.filter(({ status }) => status === 401)).toHaveLength(10);
    expect((await attempt(user.email, PASSWORD)).status).toBe(429);
    await auth.query(`UPDATE sign_in_failures SET blocked_until = now() - interval '1 second'`);
    expect((await attempt(user.email, PASSWORD)).status).toBe(200);
    expect(await auth.query('SELECT 1 FROM sign_in_failures WHERE failures > 10')).toHaveLength(0);
  });

  it('from a thousand networks, at once and over two instances, gets no more tries, and the owner in by a new password', async () => {
    const other = await AuthApp.start({}, auth);
    onTestFinished(() => other.stop());
    const headers = (i: number): Record<string, string> => ({ 'x-forwarded-for': `10.77.${i >> 8}.${i & 255}` });
    const body = { email: user.email, password: 'a wrong password' };
    const began = performance.now();
    const tries = await Promise.all(
      Array.from({ length: 1_000 }, (_, i) => (i % 2 ? auth : other).call('POST', '/auth/login', body, headers(i))),
    );
    // Ten, and one more for each wait (5, 10, 20 ... seconds) that ended while a slow machine was still at it.
    const waitsOver = Math.floor(Math.log2((performance.now() - began) / 5_000 + 1));
    const looked = tries.filter(({ status }) => status === 401).length;
    expect(looked).toBeGreaterThanOrEqual(10);
    expect(looked).toBeLessThanOrEqual(10 + waitsOver);
    // 503 is what a machine that cannot follow says.
    expect(tries.filter(({ status }) => ![401, 429, 503].includes(status))).toEqual([]);
    await auth.call('POST', '/auth/password/forgot', { email: user.email });
    const token = await auth.linkTokenFor(user.email, 'auth.user.password_recovery_requested.v1');
    await auth.call('POST', '/auth/password/reset', { token, password: 'an entirely new password' });
    expect((await attempt(user.email, 'an entirely new password')).status).toBe(200);
  });

  it('is over after a hundred failures in a row, for a day and not for ever', async () => {
    await attempt(user.email, 'a wrong password');
    const [mine] = await auth.query<{ hash: Buffer }>(
      'SELECT identifier_hash AS hash FROM sign_in_failures WHERE identifier_hash = sha256($1::bytea)',
      [Buffer.from(user.email)],
    );
    const change = (columns: string): Promise<unknown> =>
      auth.query(`UPDATE sign_in_failures SET ${columns} WHERE identifier_hash = $1`, [mine!.hash]);
    await change('failures = 99');
    expect((await attempt(user.email, 'a wrong password')).status).toBe(401);
    const stopped = await attempt(user.email, PASSWORD);
    expect(stopped.status).toBe(429);
    expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(86_000);
    await change(`blocked_until = now() - interval '1 second', last_failed_at = now() - interval '25 hours'`);
    expect((await attempt(user.email, PASSWORD)).status).toBe(200);
  });

  it('gives no new guesses when Redis is wiped', async () => {
    for (let i = 0; i < 10; i++) await attempt(user.email, 'a wrong password');
    const redis = new Redis(testRedisUrl());
    await redis.flushdb();
    redis.disconnect();
    expect((await attempt(user.email, 'a wrong password')).status).toBe(429);
  });

  it('is not forgiven because the owner refreshes a session or comes in by Google meanwhile', async () => {
    const { refreshToken } = await auth.login(user);
    const known = (await auth.app.get(UsersRepository).findByEmail(user.email))!;
    for (let i = 0; i < 9; i++) expect((await attempt(user.email, 'a wrong password')).status).toBe(401);
    expect((await auth.call('POST', '/auth/refresh', { refreshToken })).status).toBe(200);
    const client = { ip: randomIp(), userAgent: CHROME };
    await auth.app.get(GatekeeperService).admit(known, 'google', client, { also: () => Promise.resolve() });
    expect((await attempt(user.email, 'a wrong password')).status).toBe(401);
    expect((await attempt(user.email, 'a wrong password')).status).toBe(429);
  });

  it('starts counting over after a success', async () => {
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 9; i++) expect((await attempt(user.email, 'a wrong password')).status).toBe(401);
      expect((await attempt(user.email, PASSWORD)).status).toBe(200);
    }
  });

  it('is limited per network, whatever X-Forwarded-For claims in front of the trusted hop', async () => {
    const from = randomIp();
    const tries = await Promise.all(
      Array.from({ length: 310 }, (_, i) =>
        auth.call(
          'POST',
          '/auth/login',
          { email: `x${i}@x.example`, password: 'y' },
          { 'x-forwarded-for': `10.9.9.${i % 250}, ${from}` },
        ),
      ),
    );
    // While Redis answers too slowly each process counts alone and lets fewer through, never more.
    expect(tries.filter(({ status }) => status !== 429).length).toBeLessThanOrEqual(300);
    expect((await attempt(user.email, PASSWORD)).status).toBe(200);
  });
});

describe('the login history', () => {
  it('keeps the tries that had to wait as well, each once', async () => {
    const tries = await Promise.all(Array.from({ length: 25 }, () => attempt(user.email, 'a wrong password')));
    expect(new Set(tries.map(({ status }) => status))).toEqual(new Set([401, 429]));
    await auth.app.get(LoginHistoryService).settled();
    const kept = await auth.query<{ outcome: string }>(
      'SELECT outcome FROM login_history JOIN users ON users.id = user_id WHERE email = $1',
      [user.email],
    );
    expect(kept.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 25 }, () => 'refused'));
  });

  it('shows users their own sign-ins, newest first, in pages', async () => {
    await attempt(user.email, 'a wrong password', { 'user-agent': TV });
    const { accessToken } = await auth.login(user, { 'user-agent': CHROME, 'x-forwarded-for': '2001:db8::7' });
    const other = await auth.user();
    await auth.login(other);
    const read = async (query = ''): Promise<{ items: Record<string, unknown>[]; nextCursor: string | null }> =>
      (await auth.as(accessToken, 'GET', `/users/me/login-history${query}`)).json() as never;
    const { items } = await auth.eventually(async () => {
      const page = await read();
      return page.items.length >= 2 ? page : undefined;
    });
    expect(items).toMatchObject([
      { outcome: 'success', method: 'password', deviceType: 'desktop', browser: 'Chrome', ip: '2001:db8::7' },
      { outcome: 'refused', method: 'password', deviceType: 'smart_tv' },
    ]);
    const first = await read('?limit=1');
    const second = await read(`?limit=1&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items]).toEqual(items);
    expect(second.nextCursor).toBeNull();
    expect((await read('?deviceType=smart_tv')).items).toHaveLength(1);
    expect((await auth.as(accessToken, 'GET', '/users/me/login-history?cursor=x')).status).toBe(422);
    expect((await auth.as(accessToken, 'GET', '/users/me/login-history?limit=101')).status).toBe(422);
  });

  it.each([
    ['a port', '1.2.3.4:5678', '1.2.3.4'],
    ['a port of IPv6', '[2001:db8::1]:443', '2001:db8::1'],
    ['IPv4 in IPv6', '::ffff:1.2.3.4', '1.2.3.4'],
    ['a zone', 'fe80::1%eth0', 'fe80::1'],
    ['a word', 'unknown', '127.0.0.1'],
    ['nothing', '', '127.0.0.1'],
    ['a long text', 'x'.repeat(10_240), '127.0.0.1'],
    ['junk and an address', "';--, unknown, 1.2.3.4:80", '1.2.3.4'],
  ])(
    'and the devices have a plain address, and nobody is kept out, when a proxy writes %s',
    async (_name, forwarded, ip) => {
      const { accessToken } = await auth.login(user, { 'x-forwarded-for': forwarded });
      const { items } = await auth.eventually(async () => {
        const answer = await auth.as(accessToken, 'GET', '/users/me/login-history');
        const page = (await answer.json()) as { items: { ip: string }[] };
        return page.items.length > 0 ? page : undefined;
      });
      expect(items).toMatchObject([{ outcome: 'success', ip }]);
      const devices = await auth.as(accessToken, 'GET', '/users/me/sessions');
      expect(await devices.json()).toMatchObject({ items: [{ ip }] });
    },
  );

  it('does not hold up a sign-in while its table is locked, and catches up afterwards', async () => {
    await auth.query('BEGIN');
    try {
      await auth.query('LOCK TABLE login_history IN ACCESS EXCLUSIVE MODE');
      const from = performance.now();
      await auth.login(user);
      expect(performance.now() - from).toBeLessThan(1_500);
    } finally {
      await auth.query('ROLLBACK');
    }
    const [row] = await auth.query<{ id: string }>('SELECT id FROM users WHERE email = $1', [user.email]);
    const written = await auth.eventually(async () => {
      const rows = await auth.query('SELECT 1 FROM login_history WHERE user_id = $1', [row!.id]);
      return rows.length > 0 ? rows : undefined;
    });
    expect(written).toHaveLength(1);
  });

  it('keeps every attempt once in the partition of its device, and the unknown in the default', async () => {
    await Promise.all([CHROME, TV, 'curl/8', ''].map((agent) => auth.login(user, { 'user-agent': agent || ' ' })));
    const [row] = await auth.query<{ id: string }>('SELECT id FROM users WHERE email = $1', [user.email]);
    const places = await auth.eventually(async () => {
      const rows = await auth.query<{ place: string }>(
        'SELECT tableoid::regclass::text AS place FROM login_history WHERE user_id = $1',
        [row!.id],
      );
      return rows.length >= 4 ? rows : undefined;
    });
    const counts = places.map(({ place }) => place.replace(/_\d{4}_\d{2}$/, '')).toSorted();
    expect(counts).toEqual([
      'login_history_desktop',
      'login_history_smart_tv',
      'login_history_unknown',
      'login_history_unknown',
    ]);
  });
});
