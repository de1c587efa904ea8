import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '#libs/contracts';
import { deviceKeyOf, deviceOf } from '../src/sessions/client.js';
import { type NewSession, type Opening, SessionsRepository } from '../src/sessions/sessions.repository.js';
import { AuthApp, newEmail } from './support/auth-app.js';
import { Rival } from './support/rival.js';

const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const OPENED = { opened: true, newDevice: false };
let auth: AuthApp;
let sessions: SessionsRepository;

beforeAll(async () => {
  auth = await AuthApp.start();
  sessions = auth.app.get(SessionsRepository, { strict: false });
});
afterAll(() => auth.stop());

/** A session of a user nobody has seen, with a failure that it ends. */
async function newSession(more: Partial<NewSession> = {}): Promise<NewSession> {
  const userId = uuidv7();
  const forgiven = createHash('sha256').update(userId).digest();
  await auth.query(
    `INSERT INTO users (id, email, email_verified_at, locale, token_epoch) VALUES ($1, $2, now(), 'en', 7)`,
    [userId, newEmail()],
  );
  await auth.query('INSERT INTO sign_in_failures (identifier_hash, failures, last_failed_at) VALUES ($1, 1, now())', [
    forgiven,
  ]);
  return { ...anotherOf({ userId, forgiven }), ...more };
}

function anotherOf({ userId, forgiven }: Pick<NewSession, 'userId' | 'forgiven'>, userAgent = AGENT): NewSession {
  const device = deviceOf(userAgent);
  return {
    id: uuidv7(),
    userId,
    tokenEpoch: 7,
    methods: ['pwd', 'otp'],
    client: { ip: '203.0.113.7', userAgent },
    device,
    deviceKey: deviceKeyOf(device),
    tokenHash: randomBytes(32),
    refreshTtlSeconds: 3600,
    forgiven,
  };
}

async function many(count: number): Promise<NewSession[]> {
  const asked: NewSession[] = [];
  while (asked.length < count) asked.push(await newSession());
  return asked;
}
const open = (session: NewSession): Promise<Opening> => sessions.open(session, false);
const openAll = (asked: NewSession[]): Promise<Opening[]> => Promise.all(asked.map(open));

/** What the tables hold of sessions, without what differs from one to the next. */
async function rowsOf(asked: NewSession[]): Promise<unknown[]> {
  return auth.query(
    `SELECT methods, device_key, device_type, browser, os, ip, ended_at, s.expires_at - s.created_at AS life,
            t.expires_at - s.created_at AS token_life, t.token_hash = ANY ($2) AS known,
            EXISTS (SELECT FROM sign_in_failures WHERE identifier_hash = ANY ($3)) AS failures
       FROM sessions s JOIN refresh_tokens t ON t.session_id = s.id WHERE s.id = ANY ($1) ORDER BY s.id`,
    [asked.map(({ id }) => id), asked.map(({ tokenHash }) => tokenHash), asked.map(({ forgiven }) => forgiven)],
  );
}

/** How many statements have opened sessions so far. */
async function transactions(): Promise<number> {
  const [row] = await auth.query<{ count: number }>('SELECT count(DISTINCT xmin::text)::int AS count FROM sessions');
  return row!.count;
}

describe('sessions that are opened at the same time', () => {
  it('share a statement and are what each alone would be', async () => {
    const [alone, together] = [await newSession(), await many(30)];
    expect(await open(alone)).toEqual(OPENED);
    const before = await transactions();
    expect(await openAll(together)).toEqual(together.map(() => OPENED));
    expect((await transactions()) - before).toBeLessThan(5);
    const [one] = await rowsOf([alone]);
    expect(await rowsOf(together)).toEqual(together.map(() => one));
    expect(one).toMatchObject({ known: true, failures: false, methods: ['pwd', 'otp'] });
  });

  it('may be of one user, and forget the failures once', async () => {
    const first = await newSession();
    const asked = [first, ...Array.from({ length: 7 }, () => anotherOf(first))];
    expect(await openAll(asked)).toEqual(asked.map(() => OPENED));
    expect(await rowsOf(asked)).toHaveLength(8);
  });

  it('tell a changed account and a new device from the rest, and open neither', async () => {
    const known = await newSession();
    await open(known);
    const [changed, gone] = [await newSession({ tokenEpoch: 6 }), { ...(await newSession()), userId: uuidv7() }];
    const elsewhere = anotherOf(known, 'curl/8.0');
    const asked = [changed, ...(await many(3)), elsewhere, gone];
    const no = { opened: false, newDevice: false };
    expect(await openAll(asked)).toEqual([no, OPENED, OPENED, OPENED, { opened: false, newDevice: true }, no]);
    expect(await rowsOf(asked)).toHaveLength(3);
    const kept = 'SELECT 1 FROM sign_in_failures WHERE identifier_hash = $1';
    expect(await auth.query(kept, [changed.forgiven])).toHaveLength(1);
  });

  it.each([
    ['user', 'SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', ({ userId }: NewSession) => userId],
    [
      'counted failures',
      'SELECT 1 FROM sign_in_failures WHERE identifier_hash = $1 FOR UPDATE',
      (s: NewSession) => s.forgiven,
    ],
  ] as const)('wait for nobody whose %s another transaction has locked', async (_, lock, key) => {
    const rival = await Rival.begin(auth);
    try {
      const [held, ...others] = await many(6);
      await rival.query(lock, [key(held!)]);
      const waiting = open(held!);
      expect(await openAll(others)).toEqual(others.map(() => OPENED));
      await rival.waiting(1);
      expect(await rowsOf([held!])).toEqual([]);
      await rival.commit();
      expect(await waiting).toEqual(OPENED);
    } finally {
      await rival.end();
    }
  });

  it('fail one by one', async () => {
    const asked = await many(4);
    asked[2] = { ...asked[2]!, client: { ip: 'nowhere', userAgent: AGENT } };
    const ends = await Promise.allSettled(asked.map(open));
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(await rowsOf(asked)).toHaveLength(3);
  });
});
