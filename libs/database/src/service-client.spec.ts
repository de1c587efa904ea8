import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { DataSource } from 'typeorm';
import { afterEach, expect, it } from 'vitest';
import { dataSourceOptions } from './data-source.js';

/** A message of the server, as PostgreSQL's protocol frames it. */
function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

const ACCEPTED = [message('R', Buffer.alloc(4)), message('Z', Buffer.from('I'))];
const ENDED = message('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'));

/** A server on its way down: it accepts a connection and ends it in one breath. */
const server = createServer((socket) => {
  socket.once('data', () => socket.end(Buffer.concat([...ACCEPTED, ENDED])));
  socket.on('error', () => undefined);
});
afterEach(() => void server.close());

it.each([true, false])(
  'a connection that the server ends as soon as it has begun ends no service (prepares: %s)',
  async (prepares) => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `postgresql://app:secret@127.0.0.1:${(server.address() as AddressInfo).port}/app`;
    const dataSource = new DataSource(dataSourceOptions({ url, entities: [], applicationName: 'test', prepares }));
    await expect(dataSource.initialize()).rejects.toThrow(/not queryable/);
  },
);
