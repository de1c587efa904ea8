import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestMongoDatabase, type TestMongoDatabase, TestProxy } from '#libs/testing';
import { unorderedWrite } from './mongo-writes.js';

/** More than the sockets on both sides take while nobody reads. */
const TOO_MUCH = 20_000;

describe('a write of many documents', () => {
  let database: TestMongoDatabase;
  let proxy: TestProxy;
  let client: mongoose.mongo.MongoClient;
  let things: mongoose.mongo.Collection;

  beforeAll(async () => {
    database = createTestMongoDatabase();
    proxy = await TestProxy.before(database.url);
    const options = { directConnection: true, socketTimeoutMS: 300, maxPoolSize: 1 };
    client = await mongoose.mongo.MongoClient.connect(proxy.url, options);
    things = client.db().collection('things');
  });
  afterAll(async () => {
    await client.close();
    await proxy.close();
    await database.drop();
  });

  const documents = (count: number) => Array.from({ length: count }, () => ({ text: 'x'.repeat(1_000) }));

  it('fails in time when the server takes no more of it, and leaves the connection free for the next', async () => {
    await things.insertMany(documents(1), unorderedWrite());
    proxy.freeze();
    await expect(things.insertMany(documents(TOO_MUCH), unorderedWrite(1_000))).rejects.toThrow(/Timed out/);
    proxy.thaw();
    await things.insertMany(documents(2), unorderedWrite());
    expect(await things.countDocuments()).toBe(3);
  });
});
