import type { INestApplicationContext } from '@nestjs/common';
import { getModelToken, MongooseModule } from '@nestjs/mongoose';
import { Test } from '@nestjs/testing';
import mongoose, { type Model, Schema } from 'mongoose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mongoInBackground } from '#libs/database';
import { createTestMongoDatabase, type TestMongoDatabase, TestProxy } from '#libs/testing';
import { keepOpening } from './mongo-connection.js';

const FAST = { serverSelectionTimeoutMS: 200, bufferTimeoutMS: 200 };
const THING = new Schema({ name: { type: String, unique: true } });

let database: TestMongoDatabase;
let proxy: TestProxy;

/** A way to MongoDB that is closed at first. */
beforeEach(async () => {
  database = createTestMongoDatabase();
  proxy = await TestProxy.before(database.url);
  proxy.down();
});
afterEach(async () => {
  await proxy.close();
  await database.drop();
});

describe('an app that starts while MongoDB is away', () => {
  it('runs, refuses what needs it, and works with its indexes once it is there', async () => {
    const module = await Test.createTestingModule({
      imports: [
        MongooseModule.forRootAsync({ useFactory: () => mongoInBackground(proxy.url, FAST) }),
        MongooseModule.forFeature([{ name: 'Thing', schema: THING }]),
      ],
    }).compile();
    const app: INestApplicationContext = await module.init();
    const things = app.get<Model<{ name: string }>>(getModelToken('Thing'));
    for (let tries = 0; tries < 3; tries++) await expect(things.countDocuments()).rejects.toThrow('timed out');
    proxy.up();
    await vi.waitFor(() => things.create({ name: 'a' }), { timeout: 15_000 });
    await things.init();
    await expect(things.create({ name: 'a' })).rejects.toMatchObject({ code: 11_000 });
    await app.close();
  });

  it('stops trying when it is closed', async () => {
    const connection = mongoose.createConnection(proxy.url, FAST);
    const opening = keepOpening(connection, proxy.url, FAST);
    await connection.close();
    await opening;
    expect(connection.readyState).toBe(mongoose.ConnectionStates.disconnected);
  });
});
