import { connect, type Socket } from 'node:net';

/** What to ask, and for how long. */
export interface Load {
  port: number;
  path: string;
  seconds: number;
  token: string;
}

const CONNECTIONS = 8;
const IN_FLIGHT = 16;
const OK = 'HTTP/1.1 200';

/**
 * Answers per second of a local server to pipelined GET requests. Writing and counting raw text costs far less than an HTTP client,
 * so that the server is what is measured.
 */
export async function requestsPerSecond({ port, path, seconds, token }: Load): Promise<number> {
  const request = `GET ${path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer ${token}\r\n\r\n`;
  const until = performance.now() + seconds * 1000;
  const counts = await Promise.all(Array.from({ length: CONNECTIONS }, () => keepAsking(port, request, until)));
  return counts.reduce((sum, count) => sum + count, 0) / seconds;
}

function keepAsking(port: number, request: string, until: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let answered = 0;
    let rest = '';
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(request.repeat(IN_FLIGHT)));
    socket.setEncoding('latin1');
    socket.once('error', reject);
    socket.on('data', (chunk: string) => {
      const text = rest + chunk;
      const found = text.split(OK).length - 1;
      // A status line may come in two pieces.
      rest = text.slice(text.lastIndexOf(OK) + (found > 0 ? OK.length : 0)).slice(-OK.length + 1);
      if (/HTTP\/1\.1 [345]/.test(chunk)) return void reject(new Error(chunk.slice(0, 200)));
      answered += found;
      if (performance.now() < until) socket.write(request.repeat(found));
      else socket.destroy();
    });
    socket.once('close', () => resolve(answered));
  });
}
