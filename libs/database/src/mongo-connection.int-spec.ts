import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { INestApplicationContext } from '@nestjs/common';
import { getModelToken, MongooseModule } from '@nestjs/mongoose';
import { Test } from '@nestjs/testing';
import mongoose, { type Model, Schema } from 'mongoose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mongoInBackground } from '#libs/database';
import { createTestMongoDatabase, type TestMongoDatabase } from '#libs/testing';
import { keepOpening } from './mongo-connection.js';

const FAST = { serverSelectionTimeoutMS: 200, bufferTimeoutMS: 200 };
const THING = new Schema({ name: { type: String, unique: true } });

let database: TestMongoDatabase;
let proxy: Server;
let port: number;
const sockets = new Set<Socket>();

/** A way to MongoDB that is closed at first. */
beforeEach(async () => {
  database = createTestMongoDatabase();
  const target = new URL(database.url);
  proxy = createServer((socket) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const side of [socket, upstream]) {
      sockets.add(side);
      side.on('error', () => undefined).on('close', () => [socket, upstream].forEach((each) => each.destroy()));
    }
    socket.pipe(upstream).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  port = (proxy.address() as AddressInfo).port;
  await new Promise((resolve) => proxy.close(resolve));
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  proxy.close();
  await database.drop();
});

function throughProxy(): string {
  const url = new URL(database.url);
  url.host = `127.0.0.1:${port}`;
  return url.href;
}

describe('an app that starts while MongoDB is away', () => {
  it('runs, refuses what needs it, and works with its indexes once it is there', async () => {
    const module = await Test.createTestingModule({
      imports: [
        MongooseModule.forRootAsync({ useFactory: () => mongoInBackground(throughProxy(), FAST) }),
        MongooseModule.forFeature([{ name: 'Thing', schema: THING }]),
      ],
    }).compile();
    const app: INestApplicationContext = await module.init();
    const things = app.get<Model<{ name: string }>>(getModelToken('Thing'));
    for (let tries = 0; tries < 3; tries++) await expect(things.countDocuments()).rejects.toThrow('timed out');
    proxy.listen(port, '127.0.0.1');
    await vi.waitFor(() => things.create({ name: 'a' }), { timeout: 15_000 });
    await things.init();
    await expect(things.create({ name: 'a' })).rejects.toMatchObject({ code: 11_000 });
    await app.close();
  });

  it('stops trying when it is closed', async () => {
    const connection = mongoose.createConnection(throughProxy(), FAST);
    const opening = keepOpening(connection, throughProxy(), FAST);
    await connection.close();
    await opening;
    expect(connection.readyState).toBe(mongoose.ConnectionStates.disconnected);
  });
});
