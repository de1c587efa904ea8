import { createConnection, createServer } from 'node:net';
import { StackFault } from './fault.ts';

const HOST = '127.0.0.1';

function tryListen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: HOST, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}

/** Ports below the range the kernel hands to outgoing connections, so that a client's socket cannot take one before its server listens. */
const FIRST_FREE_PORT = 20_000;
const LAST_FREE_PORT = 32_000;
const taken = new Set<number>();

/** A port nobody listens on, never the same twice in this process. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = FIRST_FREE_PORT + Math.floor(Math.random() * (LAST_FREE_PORT - FIRST_FREE_PORT));
    if (taken.has(port)) continue;
    taken.add(port);
    if ((await tryListen(port)) !== undefined) return port;
  }
  throw new StackFault(`no free port between ${FIRST_FREE_PORT} and ${LAST_FREE_PORT}`, 'Stop servers you do not need');
}

/** Fails with one line when somebody already listens on the port. */
export async function assertPortFree(port: number, who: string): Promise<void> {
  if ((await tryListen(port)) !== undefined) return;
  throw new StackFault(
    `port ${port} for ${who} is taken`,
    `Find its owner with: ss -ltnp 'sport = :${port}' and stop it`,
  );
}

/** Whether something accepts TCP connections there. */
export function accepts(port: number, host = HOST): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => done(false));
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}
