import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PasswordChangedV1, UserBlockedV1, UserLocaleChangedV1 } from '#libs/contracts';
import type { Contact } from '../src/contacts/contact.schema.js';
import { type LabUser, NotificationLab } from './lab.js';

const lab = new NotificationLab();
beforeAll(() => lab.start());
afterAll(() => lab.stop());

const at = new Date().toISOString();
const about = ({ userId }: LabUser, aggregateVersion: number) => ({ aggregateId: userId, aggregateVersion });

async function expectContact({ userId }: LabUser, holds: (contact: Contact) => boolean): Promise<void> {
  const contacts = lab.db.collection<Contact>('contacts');
  await lab.until(async () => holds((await contacts.findOne({ _id: userId }))!));
}

it('writes in the language a user has changed to', async () => {
  const user = await lab.addUser('en');
  const { userId, email } = user;
  await lab.publish(new UserLocaleChangedV1({ userId, locale: 'ru', changedAt: at }), about(user, 5));
  await expectContact(user, ({ locale }) => locale === 'ru');
  await lab.publish(new PasswordChangedV1({ userId, email, locale: 'ru', changedAt: at }), about(user, 6));
  const [arrived] = await lab.mails.waitFor(email);
  expect(arrived!.mail.subject).toMatch(/[а-яё]/i);
});

it('writes down whom an administrator is shown, and not who looks for work to do', async () => {
  const user = await lab.addUser();
  const admin = { userId: randomUUID(), roles: ['admin' as const] };
  const { userId } = user;
  const paths = [
    `users?search=${user.email}`,
    `users/${userId.toUpperCase()}`,
    `users/${userId}/messages`,
    `deliveries?user=${userId.toUpperCase()}`,
  ];
  for (const path of [
    ...paths,
    'deliveries',
    'deliveries?state=failed',
    'users?search=nobody',
    `users/${randomUUID()}`,
  ])
    await lab.call('GET', `/admin/${path}`, admin);
  const lines = await lab.db.collection('audit_entries').find({ by: admin.userId }).sort({ _id: 1 }).toArray();
  expect(lines.map(({ action, subject }) => [action, subject] as string[])).toEqual([
    ['user.viewed', userId],
    ['user.viewed', userId],
    ['user.messages_viewed', userId],
    ['user.deliveries_viewed', userId],
  ]);
});

it('knows when a block ends by itself, and forgets it when the block is lifted or lasts', async () => {
  const user = await lab.addUser('en', { userId: randomUUID() });
  const { userId } = user;
  const until = new Date(Date.now() + 3_600_000);
  const block = { userId, blocked: true, at };
  await lab.publish(new UserBlockedV1({ ...block, until: until.toISOString() }), about(user, 2));
  await expectContact(
    user,
    (contact) => contact.blocked === true && contact.blockedUntil?.getTime() === until.getTime(),
  );
  await lab.publish(new UserBlockedV1(block), about(user, 3));
  await expectContact(user, (contact) => contact.blocked === true && contact.blockedUntil === null);
  await lab.publish(new UserBlockedV1({ ...block, blocked: false }), about(user, 4));
  await expectContact(user, (contact) => contact.blocked === false && contact.blockedUntil === null);
});
