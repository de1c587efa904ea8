import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RevocationList, sessionKey } from '#libs/access';
import { uuidv7 } from '#libs/contracts';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { InboxArrivals } from '../src/inbox/inbox-arrivals.service.js';
import { InboxRepository } from '../src/inbox/inbox.repository.js';
import type { NotificationDto } from '../src/inbox/notification.dto.js';
import { EventReader } from './event-reader.js';
import { type LabUser, NotificationLab } from './lab.js';

const lab = new NotificationLab();
let other: NestFastifyApplication;

beforeAll(async () => {
  await lab.start();
  other = lab.app;
  await lab.startApp();
});
afterAll(async () => {
  await other.close();
  await lab.stop();
});

const urlOf = async (app: NestFastifyApplication): Promise<string> =>
  (await app.getUrl()).replace('[::1]', '127.0.0.1');

/** Opens the user's stream on a replica and waits until it says that it is open. */
async function open(user: LabUser, options: { app?: NestFastifyApplication; from?: string; token?: string } = {}) {
  const reader = new EventReader(
    `${await urlOf(options.app ?? lab.app)}/notifications/stream`,
    options.token ?? lab.issuer.token(user.userId),
    options.from,
  );
  await reader.until((events) => events.some(({ type }) => type === 'ready'));
  return reader;
}

const arrive = (user: LabUser, count: number, app: NestFastifyApplication = lab.app): Promise<string[]> =>
  Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const _id = uuidv7();
      const message = { _id, userId: user.userId, messageKey: _id, category: 'product' as const, readAt: null };
      await app.get(InboxRepository).insert([{ ...message, title: `${index}`, body: '', createdAt: new Date() }]);
      return _id;
    }),
  );

const told = (reader: EventReader): string[] =>
  reader.events
    .filter(({ type }) => type === 'notification')
    .map(({ data }) => (JSON.parse(data) as NotificationDto).id);

describe('the live inbox', () => {
  it('tells at once what arrives, whichever replica wrote it, and to nobody else', async () => {
    const [maria, ivan] = await Promise.all([lab.addUser(), lab.addUser()]);
    const readers = await Promise.all([open(maria), open(maria, { app: other }), open(ivan)]);
    const ids = [...(await arrive(maria, 5)), ...(await arrive(maria, 5, other))].toSorted();
    for (const reader of readers.slice(0, 2)) {
      await reader.until(() => told(reader).length >= 10);
      expect(told(reader).toSorted()).toEqual(ids);
    }
    expect(told(readers[2]!)).toEqual([]);
    readers.forEach((reader) => reader.close());
  });

  it('loses and doubles nothing over ten broken connections and two replicas while 400 messages arrive', async () => {
    const user = await lab.addUser();
    const sent: string[] = [];
    const got: string[] = [];
    let from: string | undefined;
    let done = false;
    const writing = (async () => {
      for (let round = 0; round < 20; round++) {
        sent.push(...(await arrive(user, 10)), ...(await arrive(user, 10, other)));
      }
      done = true;
    })();
    for (let connection = 0; connection < 10 || !done; connection++) {
      const reader = await open(user, { app: connection % 2 ? lab.app : other, ...(from && { from }) });
      await reader.until((events) => done || events.length > 15);
      reader.close();
      got.push(...told(reader));
      from = reader.lastId;
    }
    await writing;
    const rest = await open(user, { ...(from && { from }) });
    await rest.until(() => got.length + told(rest).length >= sent.length);
    got.push(...told(rest));
    rest.close();
    expect(got.toSorted()).toEqual(sent.toSorted());
  });

  it('finds what nobody announced', async () => {
    const user = await lab.addUser();
    const reader = await open(user);
    const arrivals = lab.app.get(InboxArrivals);
    const { announce } = arrivals;
    arrivals.announce = () => undefined;
    try {
      const [id] = await arrive(user, 1);
      await reader.until(() => told(reader).length === 1);
      expect(told(reader)).toEqual([id]);
    } finally {
      arrivals.announce = announce;
      reader.close();
    }
  });

  it('ends within two seconds after its session was revoked', async () => {
    const user = await lab.addUser();
    const sid = randomUUID();
    const reader = await open(user, { token: lab.issuer.token(user.userId, ['public_user'], { sid }) });
    const from = performance.now();
    lab.app.get(RevocationList).apply([{ key: sessionKey(sid), epoch: null, at: Date.now() }]);
    await reader.ended;
    expect(performance.now() - from).toBeLessThan(2_000);
  });

  it('ends with its token', async () => {
    const user = await lab.addUser();
    const exp = Math.floor(Date.now() / 1000) + 3;
    const reader = await open(user, { token: lab.issuer.token(user.userId, ['public_user'], { exp }) });
    await reader.ended;
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(exp);
  });

  it('makes room for a sixth window by closing the first', async () => {
    const user = await lab.addUser();
    const readers = [];
    for (let window = 0; window < 6; window++) readers.push(await open(user));
    await readers[0]!.ended;
    const sent = await arrive(user, 1);
    await Promise.all(readers.slice(1).map((reader) => reader.until(() => told(reader).length === 1)));
    expect(readers.map(told)).toEqual([[], sent, sent, sent, sent, sent]);
    readers.forEach((reader) => reader.close());
  });

  it('refuses a position it did not give, and strangers', async () => {
    const user = await lab.addUser();
    const ask = async (headers: Record<string, string>) =>
      (await fetch(`${lab.url}/notifications/stream`, { headers })).status;
    const authorization = `Bearer ${lab.issuer.token(user.userId)}`;
    expect(await ask({ authorization, 'last-event-id': 'x' })).toBe(422);
    expect(await ask({})).toBe(401);
  });

  it('does not keep the service from ending', async () => {
    const user = await lab.addUser();
    const reader = await open(user);
    const server = lab.app.getHttpServer();
    const [gone] = [once(server, 'close'), lab.app.close()];
    await Promise.all([gone, reader.ended]);
    expect(server.listening).toBe(false);
    await lab.startApp();
  });
});

describe('an archived message', () => {
  it('leaves the inbox and its count, stands in the archive, and comes back', async () => {
    const user = await lab.addUser();
    const [id, kept] = await arrive(user, 2);
    const ids = async (query = '') =>
      (await lab.call<{ items: NotificationDto[] }>('GET', `/notifications${query}`, user)).body.items.map(
        (item) => item.id,
      );
    const unread = async () =>
      (await lab.call<{ unread: number }>('GET', '/notifications/unread-count', user)).body.unread;
    expect((await lab.call('POST', `/notifications/${id}/archive`, user)).status).toBe(204);
    expect((await lab.call('POST', `/notifications/${id}/archive`, user)).status).toBe(204);
    expect(await ids()).toEqual([kept]);
    expect(await unread()).toBe(1);
    expect(await ids('?archived=true')).toEqual([id]);
    const stranger = await lab.addUser();
    expect((await lab.call('POST', `/notifications/${id}/unarchive`, stranger)).status).toBe(404);
    expect((await lab.call('POST', `/notifications/${id}/unarchive`, user)).status).toBe(204);
    expect(new Set(await ids())).toEqual(new Set([id, kept]));
    expect(await unread()).toBe(1);
  });
});
