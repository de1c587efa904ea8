import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestMongoDatabase, type TestMongoDatabase, TestProxy } from '#libs/testing';
import { ignoringDuplicates } from './mongo.errors.js';

describe('a write of what may be there already', () => {
  let database: TestMongoDatabase;
  let proxy: TestProxy;
  let client: mongoose.mongo.MongoClient;
  let things: mongoose.mongo.Collection<{ _id: number; name?: string }>;

  beforeAll(async () => {
    database = createTestMongoDatabase();
    proxy = await TestProxy.before(database.url);
    client = await mongoose.mongo.MongoClient.connect(proxy.url, { directConnection: true });
    things = client.db().collection('things');
  });
  afterAll(async () => {
    await client.close();
    await proxy.close();
    await database.drop();
  });

  const insert = (...ids: number[]): Promise<void> =>
    ignoringDuplicates(() =>
      things.insertMany(
        ids.map((_id) => ({ _id })),
        { ordered: false },
      ),
    );

  it('adds what is not', async () => {
    await insert(1, 2);
    await insert(1, 2, 3);
    expect(await things.countDocuments()).toBe(3);
  });

  it('fails when anything else was refused beside what was there already', async () => {
    await things.insertOne({ _id: 5, name: 'five' });
    const write = (...operations: mongoose.mongo.AnyBulkWriteOperation<{ _id: number; name?: string }>[]) =>
      ignoringDuplicates(() => things.bulkWrite(operations, { ordered: false }));
    const twice = { insertOne: { document: { _id: 5 } } };
    const impossible = { updateOne: { filter: { _id: 5 }, update: { $inc: { name: 1 } as never } } };
    await write(twice, twice);
    await expect(write(twice, impossible)).rejects.toMatchObject({ code: 11_000 });
    await expect(write(impossible, twice)).rejects.toThrow();
  });

  it('fails when the connection is lost, so that nobody takes it for done', async () => {
    proxy.cutAt('insert');
    await expect(insert(1, 4)).rejects.toThrow();
    proxy.cutAt(undefined);
    expect(await things.countDocuments({ _id: 4 })).toBe(0);
  });
});
