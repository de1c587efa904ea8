import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReservedTry, SignInFailuresRepository } from '../src/sign-in/sign-in-failures.repository.js';
import { AuthApp, newEmail } from './support/auth-app.js';
import { Rival } from './support/rival.js';

let auth: AuthApp;
let failures: SignInFailuresRepository;

beforeAll(async () => {
  auth = await AuthApp.start();
  failures = auth.app.get(SignInFailuresRepository, { strict: false });
});
afterAll(() => auth.stop());

const hashOf = (email: string): Buffer => createHash('sha256').update(email).digest();
const tryAll = (emails: string[]): Promise<ReservedTry[]> =>
  Promise.all(emails.map((email) => failures.reserveAndFind(email)));
const strangers = (count: number): string[] => Array.from({ length: count }, () => newEmail());

/** Failures counted for each address, and in how many statements they were counted last. */
async function counted(emails: string[]): Promise<{ failures: number[]; statements: number }> {
  const rows = await auth.query<{ hash: Buffer; failures: number; xmin: string }>(
    'SELECT identifier_hash AS hash, failures, xmin::text FROM sign_in_failures WHERE identifier_hash = ANY ($1)',
    [emails.map(hashOf)],
  );
  const by = new Map(rows.map(({ hash, failures }) => [hash.toString('hex'), failures]));
  return {
    failures: emails.map((email) => by.get(hashOf(email).toString('hex')) ?? 0),
    statements: new Set(rows.map(({ xmin }) => xmin)).size,
  };
}

describe('tries to sign in that come at the same time', () => {
  it('share a statement, which counts each and finds whom it is about', async () => {
    const known = [(await auth.user()).email, (await auth.user()).email];
    const emails = [known[0]!, ...strangers(8), known[1]!, ...strangers(5)];
    for (const times of [1, 2]) {
      const tries = await tryAll(emails);
      expect(tries.map(({ reservation }) => reservation)).toEqual(emails.map(() => ({ allowed: true })));
      expect(tries.map(({ user }) => user?.email)).toEqual(
        emails.map((email) => (known.includes(email) ? email : undefined)),
      );
      expect(await counted(emails)).toEqual({ failures: emails.map(() => times), statements: 1 });
    }
    const alone = await failures.reserveAndFind(known[0]!);
    expect((await tryAll(emails))[0]).toEqual(alone);
  });

  it('are counted each, however many are about one address', async () => {
    const [one, other] = [newEmail(), newEmail()];
    const emails = Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? other : one));
    const tries = await tryAll(emails);
    expect(tries.map(({ reservation }) => reservation.allowed)).toEqual(emails.map(() => true));
    expect((await counted([one, other])).failures).toEqual([8, 4]);
  });

  it('wait only for themselves: the one that has to is told for how long, the others are let through', async () => {
    const emails = strangers(6);
    await auth.query(
      `INSERT INTO sign_in_failures (identifier_hash, failures, last_failed_at, blocked_until)
       VALUES ($1, 12, now(), now() + interval '1 minute')`,
      [hashOf(emails[3]!)],
    );
    const tries = await tryAll(emails);
    expect(tries.map(({ reservation }) => reservation.allowed)).toEqual([true, true, true, false, true, true]);
    const { retryAfterSeconds } = tries[3]!.reservation as { retryAfterSeconds: number };
    expect(retryAfterSeconds).toBeGreaterThan(50);
    expect((await counted(emails)).failures).toEqual([1, 1, 1, 12, 1, 1]);
    // Not even locked: a flood of tries at an address that waits writes nothing.
    const locker = 'SELECT xmax::text FROM sign_in_failures WHERE identifier_hash = $1';
    expect(await auth.query(locker, [hashOf(emails[3]!)])).toEqual([{ xmax: '0' }]);
  });

  it('wait for nobody whose failures another transaction has locked', async () => {
    const emails = strangers(6);
    await tryAll(emails);
    const rival = await Rival.begin(auth);
    try {
      await rival.query('SELECT 1 FROM sign_in_failures WHERE identifier_hash = $1 FOR UPDATE', [hashOf(emails[2]!)]);
      const tries = emails.map((email) => failures.reserveAndFind(email));
      const others = await Promise.all(tries.filter((_, i) => i !== 2));
      expect(others.map(({ reservation }) => reservation.allowed)).toEqual([true, true, true, true, true]);
      await rival.waiting(1);
      expect((await counted(emails)).failures).toEqual([2, 2, 1, 2, 2, 2]);
      await rival.commit();
      expect((await tries[2]!).reservation.allowed).toBe(true);
    } finally {
      await rival.end();
    }
  });
});
