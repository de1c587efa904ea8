import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';

const CONTENT_LENGTH = /content-length: (\d+)/i;

/** GET requests as fast as `connections` keep-alive connections take them, for `seconds`; every answer must be a 200. Per second. */
export async function getPerSecond(
  port: number,
  path: string,
  tokens: readonly string[],
  connections: number,
  seconds: number,
): Promise<number> {
  let next = 0;
  const request = (): string =>
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${tokens[next++ % tokens.length]}\r\n\r\n`;
  return requestsPerSecond({ port, request, status: 200, connections, seconds });
}

/** A load on one server. */
export interface HttpLoad {
  port: number;
  /** The next request, as it goes over the wire. */
  request: () => string;
  /** What every answer must be. */
  status: number;
  connections: number;
  seconds: number;
}

/** Requests as fast as keep-alive connections take them, one at a time on each; per second. */
export async function requestsPerSecond({ port, request, status, connections, seconds }: HttpLoad): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const started = performance.now();
  const end = started + seconds * 1000;
  const counts = await Promise.all(sockets.map((socket) => askUntil(socket, request, status, end)));
  const perSecond = counts.reduce((sum, count) => sum + count, 0) / ((performance.now() - started) / 1000);
  for (const socket of sockets) socket.destroy();
  return perSecond;
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket.setEncoding('latin1');
}

/** One request after the other on one connection. */
function askUntil(socket: Socket, request: () => string, status: number, end: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let count = 0;
    let received = '';
    socket.on('error', reject);
    socket.on('data', (chunk: string) => {
      received += chunk;
      const head = received.indexOf('\r\n\r\n');
      if (head === -1) return;
      const length = Number(CONTENT_LENGTH.exec(received)?.[1] ?? 0);
      if (received.length < head + 4 + length) return;
      if (!received.startsWith(`HTTP/1.1 ${status}`)) return reject(new Error(received.slice(0, 300)));
      received = '';
      count += 1;
      if (performance.now() < end) socket.write(request());
      else resolve(count);
    });
    socket.write(request());
  });
}
