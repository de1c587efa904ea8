import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestMongoDatabase, type TestMongoDatabase } from '#libs/testing';
import { ignoringDuplicates } from './mongo.errors.js';

/** Behind a proxy that cuts the connection in the middle of a command. */
describe('a write of what may be there already', () => {
  let database: TestMongoDatabase;
  let proxy: Server;
  let client: mongoose.mongo.MongoClient;
  let things: mongoose.mongo.Collection<{ _id: number; name?: string }>;
  let cutting = false;
  const sockets = new Set<Socket>();

  beforeAll(async () => {
    database = createTestMongoDatabase();
    const target = new URL(database.url);
    proxy = createServer((socket) => {
      const upstream = connect(Number(target.port), target.hostname);
      for (const side of [socket, upstream]) {
        sockets.add(side);
        side.on('error', () => undefined).on('close', () => [socket, upstream].forEach((each) => each.destroy()));
      }
      socket.on('data', (data) => (cutting && data.includes('insert') ? socket.destroy() : upstream.write(data)));
      upstream.pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const url = new URL(database.url);
    url.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    client = await mongoose.mongo.MongoClient.connect(url.href, { directConnection: true });
    things = client.db().collection('things');
  });
  afterAll(async () => {
    await client.close();
    for (const socket of sockets) socket.destroy();
    proxy.close();
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
    cutting = true;
    await expect(insert(1, 4)).rejects.toThrow();
    cutting = false;
    expect(await things.countDocuments({ _id: 4 })).toBe(0);
  });
});
