import { randomUUID } from 'node:crypto';
import mongoose, { type Connection, type Model } from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestMongoDatabase } from '#libs/testing';
import { Contact, ContactSchema } from './contact.schema.js';
import { ContactsRepository } from './contacts.repository.js';

const database = createTestMongoDatabase();
let connection: Connection;
let model: Model<Contact>;
let contacts: ContactsRepository;

beforeAll(async () => {
  connection = await mongoose.createConnection(database.url).asPromise();
  model = connection.model<Contact>('Contact', ContactSchema);
  await model.init();
  contacts = new ContactsRepository(model);
});
afterAll(async () => {
  await connection.close();
  await database.drop();
});

const registeredAt = new Date('2026-11-23T10:00:00Z');
type Change = (userId: string) => Promise<void>;
const changes: Change[] = [
  (id) =>
    contacts.apply(id, 1, {
      email: 'a@example.com',
      locale: 'en',
      emailVerified: false,
      roles: ['public_user'],
      blocked: false,
      registeredAt,
    }),
  (id) => contacts.apply(id, 2, { email: 'a@example.com', locale: 'en', emailVerified: true }),
  (id) => contacts.apply(id, 3, { roles: ['public_user', 'admin'] }),
  (id) => contacts.apply(id, 4, { email: 'b@example.com', locale: 'ru' }),
];

function permutations<T>(items: T[]): T[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

describe('a contact', () => {
  it('is the same in whatever order its events arrive, and however often', async () => {
    for (const order of permutations(changes)) {
      const id = randomUUID();
      for (const change of [...order, ...order]) await change(id);
      expect(await contacts.find(id)).toMatchObject({
        email: 'b@example.com',
        locale: 'ru',
        emailVerified: true,
        roles: ['public_user', 'admin'],
        blocked: false,
        registeredAt,
      });
    }
  });

  it('is the same when its events arrive at the same time', async () => {
    const id = randomUUID();
    await Promise.all([...changes, ...changes].map((change) => change(id).catch(() => change(id))));
    expect(await contacts.find(id)).toMatchObject({ email: 'b@example.com', emailVerified: true });
  });

  it('that was forgotten keeps nothing, and nothing brings it back', async () => {
    for (const order of permutations([...changes.slice(0, 2), (id: string) => contacts.forget(id, registeredAt)])) {
      const id = randomUUID();
      for (const change of [...order, ...changes]) await change(id);
      await contacts.sawDevice(id, 'phone', registeredAt);
      await contacts.holdsCurrency(id, 'EUR');
      await contacts.applyPlan(id, 'cinema', 1, registeredAt);
      const kept = (await contacts.find(id))!;
      expect(kept.deletedAt).toEqual(registeredAt);
      expect(JSON.stringify(kept)).not.toContain('example.com');
      expect(Object.keys(kept).toSorted()).not.toEqual(expect.arrayContaining(['email']));
      expect(kept.devices ?? kept.currencies ?? kept.roles).toBeUndefined();
    }
  });

  it('keeps the newest end of each plan, whatever the product is called', async () => {
    const id = randomUUID();
    const until = (day: number): Date => new Date(Date.UTC(2027, 0, day));
    await contacts.applyPlan(id, 'a.b$c%', 2, until(2));
    await contacts.applyPlan(id, 'a.b$c%', 1, until(1));
    await contacts.applyPlan(id, 'other', 1, null);
    expect((await contacts.find(id))!.plans).toEqual({
      'a%2Eb%24c%25': { activeUntil: until(2) },
      other: { activeUntil: null },
    });
  });
});
