import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** Sends a request as it is written, with what fetch would not let pass or would put right; gives the status of the answer. */
export async function rawStatus(url: string, lines: readonly string[], body = ''): Promise<number> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  socket.write([...lines, 'Connection: close', 'Content-Type: application/json', length, '', body].join('\r\n'));
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(await text(socket))?.[1]);
}
