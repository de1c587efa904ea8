import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestMongoDatabase, type TestMongoDatabase } from '#libs/testing';
import { unorderedWrite } from './mongo-writes.js';

/** More than the sockets on both sides take while nobody reads. */
const TOO_MUCH = 20_000;

/** Behind a proxy that stops reading, as a frozen server or a network that is cut does. */
describe('a write of many documents', () => {
  let database: TestMongoDatabase;
  let proxy: Server;
  let client: mongoose.mongo.MongoClient;
  let things: mongoose.mongo.Collection;
  let frozen = false;
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
      socket.on('data', (data) => (frozen ? socket.pause() : upstream.write(data)));
      upstream.pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const url = new URL(database.url);
    url.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    client = await mongoose.mongo.MongoClient.connect(url.href, {
      directConnection: true,
      socketTimeoutMS: 300,
      maxPoolSize: 1,
    });
    things = client.db().collection('things');
  });
  afterAll(async () => {
    await client.close();
    for (const socket of sockets) socket.destroy();
    proxy.close();
    await database.drop();
  });

  const documents = (count: number) => Array.from({ length: count }, () => ({ text: 'x'.repeat(1_000) }));

  it('fails in time when the server takes no more of it, and leaves the connection free for the next', async () => {
    await things.insertMany(documents(1), unorderedWrite());
    frozen = true;
    await expect(things.insertMany(documents(TOO_MUCH), unorderedWrite(1_000))).rejects.toThrow(/Timed out/);
    frozen = false;
    for (const socket of sockets) socket.destroy();
    await things.insertMany(documents(2), unorderedWrite());
    expect(await things.countDocuments()).toBe(3);
  });
});
