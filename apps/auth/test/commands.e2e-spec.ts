import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import { CommandFailedError } from '#libs/commands';
import { compiledModules } from '#libs/testing';
import { AuditService } from '../src/audit/audit.service.js';
import { AuthConfig } from '../src/auth.config.js';
import { DemoSuperuserService } from '../src/demo/demo-superuser.service.js';
import { DEMO_SUPERUSER } from '../src/demo/demo-users.js';
import { SeedDemoCommand } from '../src/demo/seed-demo.command.js';
import { PasswordHashingService } from '../src/passwords/password-hashing.service.js';
import { totpAt } from '../src/second-factor/totp.js';
import { RotateSigningKeysCommand } from '../src/signing-keys/rotate-signing-keys.command.js';
import { SigningKeysService } from '../src/signing-keys/signing-keys.service.js';
import { SuperuserService } from '../src/superuser/superuser.service.js';
import { UsersRepository } from '../src/users/users.repository.js';
import { UsersService } from '../src/users/users.service.js';
import { AuthApp, newEmail, PASSWORD, testEnvironment } from './support/auth-app.js';
import { OtherService } from './support/other-service.js';

let auth: AuthApp;
let commands: INestApplicationContext;

beforeAll(async () => {
  auth = await AuthApp.start();
  const { AuthCliModule } = await import('../src/auth-cli.module.js');
  commands = await NestFactory.createApplicationContext(AuthCliModule, { logger: false });
});
afterAll(async () => {
  await commands.close();
  await auth.stop();
});

describe('create-superuser', () => {
  it('makes one superuser however often and however parallel it runs, and writes that down', async () => {
    const email = newEmail();
    const superusers = commands.get(SuperuserService);
    const results = await Promise.all(Array.from({ length: 4 }, () => superusers.create(email, PASSWORD)));
    expect(results.toSorted()).toEqual(['created', 'unchanged', 'unchanged', 'unchanged']);
    expect(await superusers.create(email, 'another good password')).toBe('unchanged');
    const { accessToken } = await auth.login({ email, password: PASSWORD });
    const me = (await (await auth.as(accessToken, 'GET', '/users/me')).json()) as { roles: string[] };
    expect(me.roles).toEqual(['public_user', 'super_user']);
    expect(await auth.query(`SELECT 1 FROM audit_entries WHERE action = 'superuser.created'`)).toHaveLength(1);
  });

  it('promotes a user who is there already, leaves the password alone and says so', async () => {
    const user = await auth.user();
    const before = await auth.login(user);
    expect(await commands.get(SuperuserService).create(user.email, 'another good password')).toBe('promoted');
    await auth.eventually(async () =>
      (await auth.as(before.accessToken, 'GET', '/users/me')).status === 401 ? true : undefined,
    );
    // Whoever holds a session of before gains nothing by it.
    expect((await auth.call('POST', '/auth/refresh', { refreshToken: before.refreshToken })).status).toBe(401);
    const { accessToken } = await auth.login(user);
    const me = (await (await auth.as(accessToken, 'GET', '/users/me')).json()) as { id: string; roles: string[] };
    expect(me.roles).toContain('super_user');
    const changes = await auth.events('auth.user.roles_changed.v1');
    expect(changes.at(-1)?.payload).toEqual({
      userId: me.id,
      roles: ['public_user', 'super_user'],
      locale: 'en',
    });
    const entries = 'SELECT action, actor_id, before, after FROM audit_entries WHERE subject_id = $1';
    expect(await auth.query(entries, [me.id])).toEqual([
      {
        action: 'superuser.promoted',
        actor_id: null,
        before: { roles: ['public_user'] },
        after: { roles: ['public_user', 'super_user'] },
      },
    ]);
  });

  it('takes no role away that is given at the same moment', async () => {
    const user = await auth.user();
    const users = commands.get(UsersRepository);
    const find = users.findByEmail.bind(users);
    vi.spyOn(users, 'findByEmail').mockImplementationOnce(async (email) => {
      const found = await find(email);
      await auth.query(`UPDATE users SET roles = '{public_user,admin}' WHERE email = $1`, [email]);
      return found;
    });
    expect(await commands.get(SuperuserService).create(user.email, 'another good password')).toBe('promoted');
    const [row] = await auth.query<{ roles: string[] }>('SELECT roles FROM users WHERE email = $1', [user.email]);
    expect(row!.roles).toEqual(['public_user', 'admin', 'super_user']);
  });

  it.each([
    ['an option', ['create-superuser', '--password', PASSWORD]],
    ['an option with its value', ['create-superuser', `--password=${PASSWORD}`]],
    ['an option before the command', ['--password', PASSWORD, 'create-superuser']],
    ['a short option', ['create-superuser', `-p${PASSWORD}`]],
    ['the option itself', ['create-superuser', `--${PASSWORD}`]],
    ['its own word', ['create-superuser', PASSWORD]],
    ['its own word after a mistyped command', ['create-superusr', PASSWORD]],
  ])('takes no password as %s from its arguments, which every process may read, and repeats none', async (_, given) => {
    const refused = async (LC_ALL: string): Promise<void> => {
      const email = newEmail();
      // The prompt would be answered too: nothing but the refusal of the argument keeps the user from being made.
      const child = spawn(process.execPath, ['dist/apps/auth/src/cli.js', ...given], {
        env: {
          ...compiledModules(),
          ...testEnvironment(auth.database),
          LOG_LEVEL: 'trace',
          SUPERUSER_EMAIL: email,
          LC_ALL,
        },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      child.stdin.on('error', () => undefined).end(`${PASSWORD}\n`);
      const streams = Promise.all([text(child.stdout), text(child.stderr)]);
      const [code] = (await once(child, 'exit')) as [number];
      const said = (await streams).join('');
      expect(code).toBe(1);
      expect(said).toMatch(/takes no such argument/);
      for (const word of PASSWORD.split(' ')) expect(said).not.toContain(word);
      expect(await auth.query('SELECT 1 FROM users WHERE email = $1', [email])).toEqual([]);
    };
    await Promise.all(['C', 'ru_RU.UTF-8'].map(refused));
  });

  it('that fails in the database says where, and neither address nor hash', async () => {
    const email = newEmail();
    await auth.query('ALTER TABLE users ADD CONSTRAINT ck_users_closed CHECK (false) NOT VALID');
    try {
      const child = spawn(process.execPath, ['dist/apps/auth/src/cli.js', 'create-superuser'], {
        env: {
          ...compiledModules(),
          ...testEnvironment(auth.database),
          SUPERUSER_EMAIL: email,
          SUPERUSER_PASSWORD: PASSWORD,
        },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const said = text(child.stderr);
      expect(await once(child, 'exit')).toEqual([1, null]);
      expect(await said).toMatch(/ck_users_closed[^]*superuser\.service/);
      expect(await said).not.toContain(email);
      expect(await said).not.toContain('$argon2');
    } finally {
      await auth.query('ALTER TABLE users DROP CONSTRAINT ck_users_closed');
    }
  });

  it('refuses a weak password', async () => {
    await expect(commands.get(SuperuserService).create(newEmail(), 'short')).rejects.toMatchObject({
      code: 'password.weak',
    });
  });
});

describe('seed:demo', () => {
  it('adds a superuser whom the public second factor lets in, and no password alone', async () => {
    const seed = commands.get(SeedDemoCommand);
    await seed.seed();
    await seed.seed();
    const { email, password, totpSecret } = DEMO_SUPERUSER;
    const asked = await auth.call('POST', '/auth/login', { email, password });
    expect(asked.status).toBe(401);
    const { challenge } = (await asked.json()) as { challenge: string };
    const code = totpAt(totpSecret, Date.now());
    expect((await auth.call('POST', '/auth/mfa/verify', { challenge, code })).status).toBe(200);
  });

  it('adds no superuser in production, sandbox allowed or not', async () => {
    await auth.query('DELETE FROM users WHERE email = $1', [DEMO_SUPERUSER.email]);
    const config = commands.get(AuthConfig);
    const inProduction = (allowed: boolean): Promise<void> => {
      return new SeedDemoCommand(
        Object.create(config, { NODE_ENV: { value: 'production' }, ALLOW_SANDBOX: { value: allowed } }) as AuthConfig,
        commands.get(UsersService),
        commands.get(PasswordHashingService),
        commands.get(DemoSuperuserService),
      ).seed();
    };
    await expect(inProduction(false)).rejects.toThrow('refused in production');
    await inProduction(true);
    expect(await auth.query('SELECT 1 FROM users WHERE email = $1', [DEMO_SUPERUSER.email])).toEqual([]);
  });
});

describe('signing keys', () => {
  const published = async (): Promise<Record<string, unknown>[]> =>
    ((await (await auth.call('GET', '/.well-known/jwks.json')).json()) as { keys: Record<string, unknown>[] }).keys;
  const kidOf = (token: string): string =>
    JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid as string;
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('are published without their private halves, next and current together', async () => {
    const keys = await published();
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(Object.keys(key).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  });

  it('lie in the database encrypted', async () => {
    const rows = await auth.query<{ sealed_private_key: string }>('SELECT sealed_private_key FROM signing_keys');
    for (const { sealed_private_key: sealed } of rows) expect(sealed).toMatch(/^v1\.[\w-]+$/);
    const inPlain = await auth.query(`SELECT 1 FROM signing_keys t WHERE t::text LIKE '%"d"%'`);
    expect(inPlain).toHaveLength(0);
  });

  it('are rotated by a command that writes down that it did, or does neither', async () => {
    const state = async (): Promise<object[]> => [
      ...(await auth.query(`SELECT kid FROM signing_keys WHERE status = 'current'`)),
      ...(await auth.query(`SELECT actor_id FROM audit_entries WHERE action = 'signing_keys.rotated'`)),
    ];
    const before = await state();
    const record = vi.spyOn(commands.get(AuditService), 'record').mockRejectedValueOnce(new Error('not written'));
    await expect(commands.get(RotateSigningKeysCommand).rotate(true)).rejects.toThrow('not written');
    record.mockRestore();
    expect(await state()).toEqual(before);
    await commands.get(RotateSigningKeysCommand).rotate(true);
    const after = await state();
    expect(after[0]).not.toEqual(before[0]);
    expect(after.slice(1)).toEqual([...before.slice(1), { actor_id: null }]);
  });

  const publishedFor = (time: string): Promise<unknown> =>
    auth.query(`UPDATE signing_keys SET status_since = now() - $1::interval WHERE status = 'next'`, [time]);

  it('do not sign before they have been published for a day, unless the operator wants that', async () => {
    const { rotate } = commands.get(RotateSigningKeysCommand);
    const command = rotate.bind(commands.get(RotateSigningKeysCommand));
    await publishedFor('23 hours 59 minutes');
    const before = await published();
    await expect(command(false)).rejects.toThrow(CommandFailedError);
    expect(await published()).toEqual(before);
    await publishedFor('24 hours 1 second');
    await command(false);
    await expect(command(false)).rejects.toThrow(/--early/);
    await command(true);
  });

  it('rotate while people are signed in: tokens of both keys work everywhere, and the new one was published before', async () => {
    const other = await OtherService.start(auth.url);
    onTestFinished(() => other.stop());
    const user = await auth.user();
    const before = await auth.login(user);
    const statuses = async ({ accessToken }: { accessToken: string }): Promise<number[]> => [
      (await auth.as(accessToken, 'GET', '/users/me')).status,
      (await fetch(`${other.url}/who`, { headers: { authorization: `Bearer ${accessToken}` } })).status,
    ];
    const foreign = before.accessToken.replace(/^[^.]+/, encode({ alg: 'ES256', typ: 'at+jwt', kid: 'made-up' }));
    expect(await statuses({ accessToken: foreign })).toEqual([401, 401]);
    await publishedFor('25 hours');
    const known = (await published()).map(({ kid }) => kid);
    await auth.app.get(SigningKeysService).rotate();
    const after = await auth.login(user);
    expect(kidOf(after.accessToken)).not.toBe(kidOf(before.accessToken));
    expect(known).toContain(kidOf(after.accessToken));
    for (const tokens of [before, after]) expect(await statuses(tokens)).toEqual([200, 200]);
    expect((await published()).map(({ kid }) => kid)).toEqual(expect.arrayContaining(known));
  });

  it('are made once by processes that start at the same time', async () => {
    await auth.query('DELETE FROM signing_keys');
    await Promise.all([auth.app, commands].map((process) => process.get(SigningKeysService).onModuleInit()));
    const rows = await auth.query<{ status: string }>('SELECT status FROM signing_keys ORDER BY status');
    expect(rows.map(({ status }) => status)).toEqual(['current', 'next']);
  });
});
