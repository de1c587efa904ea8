import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  sealSecret,
  SubscriptionPurchasedV1,
  TopUpSettledV1,
  UserDeletedV1,
  UserVerificationRequestedV1,
} from '#libs/contracts';
import type { NotificationListDto } from '../src/inbox/notification.dto.js';
import { type LabUser, NotificationLab, SECRETS_KEY } from './lab.js';

const lab = new NotificationLab();
beforeAll(() => lab.start());
afterAll(() => lab.stop());

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
      async () => (await lab.db.collection('deliveries').countDocuments({ messageKey: other, state: 'sent' })) === 2,
    );
    expect(lab.mails.to(user.email)).toHaveLength(2);
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
