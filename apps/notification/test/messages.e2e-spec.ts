import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  PasswordRecoveryRequestedV1,
  sealSecret,
  SubscriptionPurchasedV1,
  TopUpSettledV1,
  UserDeletedV1,
  UserVerificationRequestedV1,
  UserVerifiedV1,
} from '#libs/contracts';
import { DeadLettersService } from '#libs/messaging';
import { testRedisUrl } from '#libs/testing';
import type { NotificationListDto } from '../src/inbox/notification.dto.js';
import { type LabUser, NotificationLab, SECRETS_KEY } from './lab.js';

/** As an administrator sees it. */
interface DeadLetter {
  id: string;
  body: string;
}

const lab = new NotificationLab();
const WEBHOOK_KEY = Buffer.alloc(32, 9);
/** What the webhooks' receiver was sent, and how it answers. */
const called: { headers: IncomingHttpHeaders; body: string }[] = [];
let answers: number[] = [];
const receiver = createServer((request, response) => {
  void text(request).then((body) => {
    called.push({ headers: request.headers, body });
    response.writeHead(answers.shift() ?? 204).end();
  });
});
/** What the service writes to its log, everything. */
const log: string[] = [];
beforeAll(async () => {
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => log.push(String(text)) > 0);
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/messages`;
  const secrets = [`whsec_${WEBHOOK_KEY.toString('base64')}`];
  const endpoints = [{ name: 'push', url, secrets, classes: ['security', 'billing'] }];
  await lab.start({
    LOG_LEVEL: 'trace',
    WEBHOOK_ENDPOINTS: JSON.stringify(endpoints),
    WEBHOOK_ALLOW_PRIVATE: 'true',
  });
});
afterAll(async () => {
  await lab.stop();
  receiver.close();
  vi.restoreAllMocks();
});

/** All that Redis holds, whatever its type. */
async function redisValues(url: string): Promise<string[]> {
  const redis = new Redis(url);
  const keys = await redis.keys('*');
  const values = await Promise.all(
    keys.map(async (key) => {
      const type = await redis.type(key);
      if (type === 'string') return redis.get(key);
      if (type === 'hash') return redis.hgetall(key);
      if (type === 'list') return redis.lrange(key, 0, -1);
      if (type === 'set') return redis.smembers(key);
      if (type === 'zset') return redis.zrange(key, 0, -1);
      return type === 'stream' ? redis.xrange(key, '-', '+') : undefined;
    }),
  );
  await redis.quit();
  return values.map((value, index) => `${keys[index]} ${JSON.stringify(value)}`);
}

function settled({ userId }: LabUser): TopUpSettledV1 {
  return new TopUpSettledV1({
    paymentId: randomUUID(),
    userId,
    paidMinor: '2000',
    paidCurrency: 'EUR',
    creditedMinor: '2154',
    creditedCurrency: 'PNT',
    transactionId: randomUUID(),
    settledAt: '2026-11-23T10:00:00.000Z',
  });
}

const inboxOf = async (user: LabUser): Promise<NotificationListDto> =>
  (await lab.call<NotificationListDto>('GET', '/notifications', user)).body;

describe('a receipt', () => {
  it('reaches the inbox and the mailbox in the language of its reader', async () => {
    const maria = await lab.addUser('ru');
    await lab.publish(settled(maria), { aggregateId: maria.userId, aggregateVersion: 1 });
    const [arrived] = await lab.mails.waitFor(maria.email);
    expect(arrived!.mail.subject).toBe('Чек: 20,00 EUR');
    expect(arrived!.mail.text).toContain('21,54 PNT');
    expect(arrived!.mail.html).toContain('21,54 PNT');
    const { items } = await inboxOf(maria);
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ category: 'billing', title: 'Чек: 20,00 EUR', readAt: null });
  });

  it('is sent once however often its event arrives', async () => {
    const user = await lab.addUser();
    const event = settled(user);
    const id = await lab.publish(event, { aggregateId: user.userId, aggregateVersion: 1 });
    for (let again = 0; again < 5; again++) {
      await lab.publish(event, { aggregateId: user.userId, aggregateVersion: 1, id });
    }
    const other = await lab.publish(settled(user), { aggregateId: user.userId, aggregateVersion: 2 });
    await lab.until(
      async () => (await lab.db.collection('deliveries').countDocuments({ messageKey: other, state: 'sent' })) === 3,
    );
    expect(lab.mails.to(user.email)).toHaveLength(2);
    expect(called.filter(({ body }) => body.includes(user.userId))).toHaveLength(2);
    expect((await inboxOf(user)).items).toHaveLength(2);
  });

  it('that overtakes its user waits for the user to be known', async () => {
    const user: LabUser = { userId: randomUUID(), email: 'late@example.com', locale: 'en' };
    await lab.publish(settled(user), { aggregateId: user.userId, aggregateVersion: 1 });
    await lab.addUser('en', { userId: user.userId, email: user.email });
    await lab.mails.waitFor(user.email);
    expect((await inboxOf(user)).items).toHaveLength(1);
  });
});

describe('a verification mail', () => {
  it('opens its link when it is sent, and no store holds the link in plain', async () => {
    const user = { userId: randomUUID(), email: 'new@example.com' };
    const link = 'http://127.0.0.1:3001/auth/verify-email?token=s3cr3t&x=1';
    const event = new UserVerificationRequestedV1({
      ...user,
      locale: 'en',
      sealedLink: sealSecret(link, SECRETS_KEY),
      expiresAt: '2026-11-24T10:00:00.000Z',
    });
    const key = await lab.publish(event, { aggregateId: user.userId, aggregateVersion: 1 });
    const [arrived] = await lab.mails.waitFor(user.email);
    expect(arrived!.mail.text).toContain(link);
    expect(arrived!.mail.html).toContain('href="http://127.0.0.1:3001/auth/verify-email?token=s3cr3t&amp;x=1"');
    await lab.until(
      async () => (await lab.db.collection('deliveries').countDocuments({ messageKey: key, state: 'sent' })) === 1,
    );
    const stored = JSON.stringify(await lab.db.collection('deliveries').findOne({ messageKey: key }));
    expect(stored).not.toContain('s3cr3t');
    expect(stored).not.toContain(event.sealedLink);
  });
});

describe('the mail by which an account moves to another address', () => {
  it.each([
    ['en', /existing account/, /not the confirmation of a sign-up.*do not confirm/s, /signed up/],
    ['ru', /существующей учётной записи/, /не подтверждение регистрации.*не подтверждайте/s, /зарегистрировался/],
  ] as const)('says so in %s, and is nothing like that of a sign-up', async (locale, subject, text, signUp) => {
    const facts = { userId: randomUUID(), email: `moves-${locale}@example.com`, locale };
    const sealedLink = sealSecret('http://127.0.0.1:3001/auth/email/confirm?token=s3cr3t', SECRETS_KEY);
    const expiresAt = '2026-11-24T10:00:00.000Z';
    const events = [true, undefined].map(
      (movesAccount) => new UserVerificationRequestedV1({ ...facts, sealedLink, expiresAt, movesAccount }),
    );
    await lab.publish(events[0]!, { aggregateId: facts.userId, aggregateVersion: 1 });
    const [move] = await lab.mails.waitFor(facts.email);
    expect(move!.mail.subject).toMatch(subject);
    expect(move!.mail.text?.replaceAll('*', '')).toMatch(text);
    expect(move!.mail.text).not.toMatch(signUp);
    expect(move!.mail.text).toContain('token=s3cr3t');
    await lab.publish(events[1]!, { aggregateId: facts.userId, aggregateVersion: 2 });
    const [, signedUp] = await lab.mails.waitFor(facts.email, 2);
    expect(signedUp!.mail.text).toMatch(signUp);
  });
});

describe('a webhook', () => {
  const callsFor = ({ userId }: LabUser) => called.filter(({ body }) => body.includes(userId));

  it('carries the message, signed, under one id until it is taken, and is a delivery as any other', async () => {
    const user = await lab.addUser('ru');
    answers = [503];
    const key = await lab.publish(settled(user), { aggregateId: user.userId, aggregateVersion: 1 });
    const delivery = { messageKey: key, channel: 'webhook:push' };
    const stands = (state: object) => async () =>
      (await lab.db.collection('deliveries').countDocuments({ ...delivery, ...state })) === 1;
    await lab.until(stands({ state: 'pending', reason: 'temporary', response: '503' }));
    await lab.db.collection('deliveries').updateOne(delivery, { $set: { nextAttemptAt: new Date(0) } });
    await lab.until(stands({ state: 'sent', response: '204', attempts: 2 }));

    const [first, second, ...more] = callsFor(user);
    expect(more).toEqual([]);
    for (const { headers, body } of [first!, second!]) {
      const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
      const signature = createHmac('sha256', WEBHOOK_KEY).update(signed).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${signature}`);
      expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
    }
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
    expect(JSON.parse(second!.body)).toMatchObject({
      type: 'message.top-up-receipt',
      data: {
        class: 'billing',
        user: { id: user.userId, email: user.email, locale: 'ru' },
        title: 'Чек: 20,00 EUR',
        text: expect.stringContaining('21,54 PNT') as string,
      },
    });
  });

  it('goes for the classes of its receiver only, and not to who refuses the inbox', async () => {
    const [user, refuser] = [await lab.addUser(), await lab.addUser()];
    const all = { inbox: true, email: true };
    const categories = { billing: { ...all, inbox: false }, product: all, marketing: all };
    await lab.call('PUT', '/preferences', refuser, { categories, quietHours: null });
    const verified = new UserVerifiedV1({ ...user, verifiedAt: new Date().toISOString() });
    await lab.publish(verified, { aggregateId: user.userId, aggregateVersion: 2 });
    const key = await lab.publish(settled(refuser), { aggregateId: refuser.userId, aggregateVersion: 1 });
    await lab.mails.waitFor(user.email);
    await lab.until(
      async () =>
        (await lab.db
          .collection('deliveries')
          .countDocuments({ messageKey: key, channel: 'webhook:push', state: 'skipped', reason: 'unsubscribed' })) ===
        1,
    );
    expect([...callsFor(user), ...callsFor(refuser)]).toEqual([]);
  });
});

describe('a secret', () => {
  const WORD = 's3cr3t-t0k3n';
  const link = `http://127.0.0.1:3001/auth/recover?token=${WORD}`;

  /** The mail is asked for, and a second time by an event that breaks its contract. */
  async function ask(): Promise<LabUser & { key: string }> {
    const user: LabUser = { userId: randomUUID(), email: `${randomUUID()}@example.com`, locale: 'en' };
    const sealedLink = sealSecret(link, SECRETS_KEY);
    const facts = { userId: user.userId, email: user.email, locale: user.locale, sealedLink };
    const expiresAt = '2026-11-24T10:00:00.000Z';
    const about = { aggregateId: user.userId, aggregateVersion: 1 };
    const key = await lab.publish(new PasswordRecoveryRequestedV1({ ...facts, expiresAt }), about);
    await lab.publish(new PasswordRecoveryRequestedV1({ ...facts, expiresAt: 'soon' }), about);
    return { ...user, key };
  }

  async function everythingStored(): Promise<string[]> {
    const collections = await lab.db.db!.collections();
    const rows = await Promise.all(collections.map((collection) => collection.find().toArray()));
    return [JSON.stringify(rows), ...(await redisValues(testRedisUrl()))];
  }

  it('of a mail that waits, fails, or whose event is dead stands in no store, log or dead letter', async () => {
    lab.mails.behaviour = () => ({ code: 451, message: 'Later' });
    const { email, key } = await ask();
    const tried = { messageKey: key, reason: 'temporary' };
    await lab.until(async () => (await lab.db.collection('deliveries').countDocuments(tried)) === 1);
    const deadLetters = lab.app.get(DeadLettersService, { strict: false });
    await lab.until(async () => (await deadLetters.inspect('notification.messages')).length === 1);
    const [dead] = await deadLetters.inspect('notification.messages');
    expect(dead!.body).toContain(email);
    const kept = [...(await everythingStored()), JSON.stringify(dead)];
    // The scan looks where it says it does.
    expect(kept.join()).toContain(email);

    lab.mails.behaviour = () => ({ code: 550, message: `No such user, said of ${link}` });
    await lab.db.collection('deliveries').updateOne({ messageKey: key }, { $set: { nextAttemptAt: new Date(0) } });
    await lab.until(
      async () => (await lab.db.collection('deliveries').countDocuments({ messageKey: key, state: 'failed' })) === 1,
    );
    const failed = await everythingStored();
    expect(failed.join()).toContain('No such user, said of http://127.0.0.1:3001/auth/recover?…');
    lab.mails.behaviour = () => undefined;
    const token = lab.issuer.token(randomUUID(), ['public_user']);
    await fetch(`${lab.url}/notifications?token=${WORD}`, { headers: { authorization: `Bearer ${token}` } });

    const said = log.join('');
    expect(said).toContain('"level":');
    const secrets = [WORD, token, SECRETS_KEY.toString('base64'), WEBHOOK_KEY.toString('base64')];
    for (const one of [...kept, ...failed, said, ...called.map(({ body }) => body)]) {
      for (const secret of secrets) expect(one).not.toContain(secret);
    }
    expect(called.filter(({ body }) => body.includes('recover-password'))).toEqual([]);
  });
});

describe('the inbox', () => {
  it('shows users their own messages only and keeps the time of the first reading', async () => {
    const [one, two] = [await lab.addUser(), await lab.addUser()];
    await lab.publish(settled(one), { aggregateId: one.userId, aggregateVersion: 1 });
    await lab.mails.waitFor(one.email);
    const id = (await inboxOf(one)).items[0]!.id;
    expect((await inboxOf(two)).items).toEqual([]);
    expect((await lab.call('POST', `/notifications/${id}/read`, two)).status).toBe(404);
    expect((await lab.call('GET', '/notifications/unread-count', one)).body).toEqual({ unread: 1 });
    expect((await lab.call('POST', `/notifications/${id}/read`, one)).status).toBe(204);
    const { readAt } = (await inboxOf(one)).items[0]!;
    await lab.call('POST', `/notifications/${id}/read`, one);
    expect((await inboxOf(one)).items[0]!.readAt).toBe(readAt);
    expect((await lab.call('GET', '/notifications/unread-count', one)).body).toEqual({ unread: 0 });
  });

  it('is read page by page, and read all at once', async () => {
    const user = await lab.addUser();
    for (let version = 1; version <= 5; version++) {
      await lab.publish(settled(user), { aggregateId: user.userId, aggregateVersion: version });
    }
    await lab.mails.waitFor(user.email, 5);
    const first = (await lab.call<NotificationListDto>('GET', '/notifications?limit=3', user)).body;
    const second = (
      await lab.call<NotificationListDto>('GET', `/notifications?limit=3&cursor=${first.nextCursor}`, user)
    ).body;
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([3, 2, null]);
    expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(5);
    expect((await lab.call('POST', '/notifications/read-all', user)).status).toBe(204);
    expect((await lab.call('GET', '/notifications/unread-count', user)).body).toEqual({ unread: 0 });
  });

  it.each(['limit=0', 'limit=x', 'cursor=%00', 'cursor=e30', 'userId=1'])(
    'refuses the query %s with 422',
    async (query) => {
      const user = await lab.addUser();
      expect((await lab.call('GET', `/notifications?${query}`, user)).status).toBe(422);
    },
  );

  it('is closed without a token', async () => {
    expect((await lab.call('GET', '/notifications')).status).toBe(401);
  });
});

describe('a user who is deleted', () => {
  it('leaves nothing behind, and later events bring nothing back', async () => {
    const user = await lab.addUser();
    await lab.publish(settled(user), { aggregateId: user.userId, aggregateVersion: 1 });
    await lab.mails.waitFor(user.email);
    await lab.publish(new UserDeletedV1({ userId: user.userId, deletedAt: new Date().toISOString() }), {
      aggregateId: user.userId,
      aggregateVersion: 9,
    });
    await lab.until(async () => (await inboxOf(user)).items.length === 0);
    await lab.publish(
      new SubscriptionPurchasedV1({
        subscriptionId: randomUUID(),
        userId: user.userId,
        planId: randomUUID(),
        productName: 'Cinema',
        termMonths: 3,
        startsAt: '2026-11-23T10:00:00.000Z',
        endsAt: '2027-02-23T10:00:00.000Z',
        paidMinor: '1000',
        paidCurrency: 'EUR',
      }),
      { aggregateId: user.userId, aggregateVersion: 2 },
    );
    const witness = await lab.addUser();
    await lab.publish(settled(witness), { aggregateId: witness.userId, aggregateVersion: 1 });
    await lab.mails.waitFor(witness.email);
    expect(lab.mails.to(user.email)).toHaveLength(1);
    for (const collection of ['contacts', 'notifications', 'deliveries']) {
      const kept = JSON.stringify(await lab.db.collection(collection).find().toArray());
      expect(kept).not.toContain(user.email);
    }
  });
});

describe('an event that cannot be dealt with', () => {
  const letters = '/admin/dead-letters/notification.messages';
  const admin = { userId: randomUUID(), roles: ['admin' as const] };
  const superUser = { userId: randomUUID(), roles: ['super_user' as const] };
  const reason = 'its producer was repaired';

  /** Breaks its contract, and carries a link that opens an account. */
  async function lose(): Promise<string> {
    const userId = randomUUID();
    const broken = { userId, sealedLink: sealSecret('https://cinema.example/link?token=s3cr3t', SECRETS_KEY) };
    const event = Object.assign(Object.create(UserVerificationRequestedV1.prototype as object) as object, broken);
    const id = await lab.publish(event, { aggregateId: userId, aggregateVersion: 1 });
    await lab.until(async () => (await lab.call('GET', `${letters}/${id}`, admin)).status === 200);
    return id;
  }

  it('is shown without its secret, and sending it again is written down', async () => {
    const id = await lose();
    const { body: shown } = await lab.call<DeadLetter>('GET', `${letters}/${id}`, admin);
    expect(shown).toMatchObject({ reason: 'message.bad_payload', attempt: 1 });
    expect(JSON.parse(shown.body)).toMatchObject({ id, payload: { sealedLink: '[sealed]' } });
    const { body: list } = await lab.call<{ items: DeadLetter[] }>('GET', letters, admin);
    expect(list.items.map((letter) => [letter.id, 'body' in letter])).toContainEqual([id, false]);
    expect((await lab.call('POST', `${letters}/${id}/redrive`, admin)).body).toEqual({ messages: 1 });
    expect(await lab.db.collection('audit_entries').findOne({ action: 'dead_letters.redriven' })).toMatchObject({
      by: admin.userId,
      details: { messages: 1, ids: id },
    });
  });

  it('is found on one of the pages of a list that starts with the oldest', async () => {
    const lost = [await lose(), await lose(), await lose()];
    interface Page {
      items: DeadLetter[];
      nextCursor: string | null;
    }
    const page = async (query: string) => (await lab.call<Page>('GET', `${letters}?${query}`, admin)).body;
    const { items: all, nextCursor: after } = await page('limit=200');
    expect(after).toBeNull();
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { items, nextCursor }: Page = await page(`limit=2${cursor && `&cursor=${cursor}`}`);
      expect(items.length).toBe(Math.min(2, all.length - ids.length));
      ids.push(...items.map(({ id }) => id));
      cursor = nextCursor;
    }
    expect(ids).toEqual(all.map(({ id }) => id));
    expect(ids).toEqual(expect.arrayContaining(lost));
    const foreign = Buffer.from('0x1').toString('base64url');
    expect((await lab.call('GET', `${letters}?cursor=${foreign}`, admin)).status).toBe(422);
  });

  it('is removed by a superuser only, who says why, once', async () => {
    const id = await lose();
    for (const path of [`${letters}/discard`, `${letters}/${id}/discard`]) {
      expect((await lab.call('POST', path, admin, { reason })).status).toBe(403);
      expect((await lab.call('POST', path, superUser, {})).status).toBe(422);
    }
    const removals = [1, 2].map(() => lab.call('POST', `${letters}/${id}/discard`, superUser, { reason }));
    expect(new Set((await Promise.all(removals)).map(({ status }) => status))).toEqual(new Set([200, 404]));
    const acts = lab.db.collection('audit_entries').find({ action: 'dead_letters.discarded' });
    expect(await acts.toArray()).toMatchObject([{ by: superUser.userId, details: { ids: id, reason } }]);
  });

  it('is nothing a user may look at', async () => {
    const user = { userId: randomUUID() };
    for (const path of ['/admin/dead-letters', letters, `${letters}/${randomUUID()}`]) {
      expect((await lab.call('GET', path, user)).status).toBe(403);
      expect((await lab.call('GET', path)).status).toBe(401);
    }
  });
});
